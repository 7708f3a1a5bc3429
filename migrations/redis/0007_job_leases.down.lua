return empty("job_leases")
