"""What tests share: diagrams drawn in a few lines, partners to talk to, forces of nature."""
