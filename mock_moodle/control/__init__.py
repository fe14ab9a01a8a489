"""What a test author steers the mock with: /__mock__/ and, with the same words, `mock_moodle.control.api` from
Python."""
