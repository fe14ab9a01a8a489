"""What the service remembers: rows in a database, pictures and sound in a folder or a bucket, both with an end date."""
