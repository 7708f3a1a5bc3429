DROP INDEX users_updated;
DROP INDEX api_keys_updated;
DROP INDEX notifications_created;
DROP TABLE job_leases;
