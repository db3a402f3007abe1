"""The candidates of a Firefly growth: trained together, rated one by one, carried out (Wu et al. 2021, 2102.08574)."""
