"""Known defects, planted one by one in a copy of the code, to see that named tests catch each of them."""
