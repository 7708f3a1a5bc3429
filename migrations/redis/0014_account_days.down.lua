-- The days expire; a program that does not know them passes over them.
return false
