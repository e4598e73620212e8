"""The HTTP interface: one's own inbox, and the deliveries for officers and operators."""
