"""The lecture note's claims as figures, made from the runs that `make note` leaves."""
