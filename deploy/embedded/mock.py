"""librdkafka's mock cluster by its C interface: the Python client starts one too, but cannot set what a group waits."""

from __future__ import annotations

import ctypes

from confluent_kafka import cimpl

PRODUCER = 0
"""librdkafka's rd_kafka_type_t."""
SAID = 512
"""Bytes for what librdkafka says of a failure."""


def start(*, join_ms: int, log_level: int) -> str:
    """Start one broker in this process, for as long as it lives; its address.

    An empty group waits `join_ms` milliseconds for members before the first gets its partitions; the mock's own
    3 s serve groups of many. Raises OSError when it does not start.
    """
    library = ctypes.CDLL(cimpl.__file__)  # finds the librdkafka that the client was linked with
    for made in ("rd_kafka_conf_new", "rd_kafka_new", "rd_kafka_mock_cluster_new"):
        getattr(library, made).restype = ctypes.c_void_p
    library.rd_kafka_mock_cluster_bootstraps.restype = ctypes.c_char_p
    said = ctypes.create_string_buffer(SAID)
    settings = ctypes.c_void_p(library.rd_kafka_conf_new())
    library.rd_kafka_conf_set(settings, b"log_level", str(log_level).encode(), said, ctypes.c_size_t(SAID))
    client = library.rd_kafka_new(PRODUCER, settings, said, ctypes.c_size_t(SAID))
    if client is None:
        raise OSError(f"librdkafka does not start: {said.value.decode()}")
    cluster = ctypes.c_void_p(library.rd_kafka_mock_cluster_new(ctypes.c_void_p(client), 1))
    library.rd_kafka_mock_group_initial_rebalance_delay_ms(cluster, ctypes.c_int32(join_ms))
    address: bytes = library.rd_kafka_mock_cluster_bootstraps(cluster)
    return address.decode()
