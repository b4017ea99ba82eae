"""What drives a server, and what is read from the machine meanwhile."""
