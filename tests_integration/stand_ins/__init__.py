"""What stands in for something outside, and misbehaves at a test's command."""
