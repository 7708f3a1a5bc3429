-- Which node does a job that one at a time may do.
CREATE TABLE job_leases (
  job            VARCHAR(191) PRIMARY KEY,
  holder         VARCHAR(191) NOT NULL DEFAULT '',
  lease_until_ms BIGINT NOT NULL DEFAULT 0
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
