"""Addresses and the lists of them that settings hold."""

from __future__ import annotations

import ipaddress


def address_in_subnet(address: str, subnets: str) -> bool:
    """`subnets` as Moodle takes them: comma separated addresses, "10.0.0.0/8", "10.0.0.1-20" or "10.0."."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(_in_one(ip, subnet.strip()) for subnet in subnets.split(",") if subnet.strip())


def _in_one(ip: ipaddress.IPv4Address | ipaddress.IPv6Address, subnet: str) -> bool:
    try:
        if "/" in subnet:
            return ip in ipaddress.ip_network(subnet, strict=False)
        if "-" in subnet:
            first, _, last = subnet.partition("-")
            start = ipaddress.ip_address(first)
            end = ipaddress.ip_address(f"{first.rpartition('.')[0]}.{last}")
            return start.version == ip.version == end.version and int(start) <= int(ip) <= int(end)
        if (subnet.count(".") < 3 and ":" not in subnet) or subnet.endswith("."):
            return str(ip).startswith(subnet.rstrip(".") + ".")
        return ip == ipaddress.ip_address(subnet)
    except ValueError:
        return False
