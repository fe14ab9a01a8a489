"""What happens without a person waiting for it: analysis, deliveries to Moodle, ends of silent sessions, purges."""
