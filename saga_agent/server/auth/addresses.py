"""Where a request comes from, as coarse as one household has addresses."""

from __future__ import annotations

import ipaddress

from fastapi import Request

_UNKNOWN = "unknown"


def address_of(request: Request) -> str:
    """The client's network: one IPv4 address, or the 64 bits of IPv6 that a household gets; `unknown` for neither.

    It is that of the connection. Behind a proxy the HTTP server has to be told to believe the proxy's word, which
    uvicorn does for proxies on the same machine.
    """
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "")
    except ValueError:
        return _UNKNOWN
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    bits = 64 if isinstance(address, ipaddress.IPv6Address) else 32
    return str(ipaddress.ip_network((address.packed, bits), strict=False))
