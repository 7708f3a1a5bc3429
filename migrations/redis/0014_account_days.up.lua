-- What the calls of a day cost at each account: account_costs:<day> in the partitions of usage, which the first record of
-- a day makes. No row changes.
return false
