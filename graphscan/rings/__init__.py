"""What is found: descriptions, the certificate, growth, and rings told as tables, triage and portraits."""
