"""HTTP as `ftcost serve` speaks it: the server, its addresses, deadlines of what it asks itself."""
