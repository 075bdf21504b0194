"""The staff's own pages above all apps: what waits for whom."""
