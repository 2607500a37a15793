"""The controller of a show: cues, light, devices, journal and console.

Imports point one way:

    cli | console -> runtime | library -> devices -> showfile | protocols | engine -> light -> show

`show` says what a show is, `light` what it looks like at an instant, `engine` what happens next, `protocols` what
that is in bytes, `showfile` reads it from YAML, `devices` speak to the other end, `runtime` runs it against the clock,
`library` trades files with other programs, `console` and `cli` are where people meet it.
"""

__version__ = "0.1.0"
