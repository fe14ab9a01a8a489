"""World files: what a site consists of, read, checked, loaded, and written back."""
