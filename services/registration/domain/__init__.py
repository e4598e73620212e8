"""What registration decides: pure, without I/O, clock or randomness. A module per aggregate, and beside
them what several share or one is made of: `policy` (limits), `transitions`, `values`, `faults`, `numbers`, `person`,
`design`, `request_content`, `expert_profile`."""
