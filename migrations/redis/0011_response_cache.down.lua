-- A program that does not know the column passes over it.
return false
