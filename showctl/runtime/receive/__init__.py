"""What comes in on the lighting network: sources and their levels, nodes, rivals, and desks that may join our output. Sans-I/O.

* ``sacn_universe``, ``sacn_receiver``: E1.31 as a receiver does it (sampling, merge, loss, synchronisation, discovery).
* ``artnet_node``: Art-Net 4 as a node does it (replies, merge of two, ArtSync, timecode, diagnostics).
* ``rivals``: who else sends on the universes that are ours.
* ``merge_in``: a desk that the show folder lets join our output.
* ``ears``: the sockets that hear all this, on one interface.
"""
