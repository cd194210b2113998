"""Network addresses in one form, as DuckDB macros: text in, canonical text or null out.

IPv4 stays as it is; IPv6 becomes its /64, since one host moves freely inside it (RFC 8981), and where it
only wraps an IPv4 address (mapped, RFC 4291; translated, RFC 6052) that address. A port is dropped.
Unspecified, loopback and link-local addresses name nobody. What can be read in two ways is not read at all:
leading zeros (octal to some), short or hexadecimal forms, scopes (`%`), and lists, whose first address the
client chose itself.

Written as regular expressions on the text, since a log holds tens of millions: plain IPv4 takes one of them,
plain IPv6 two more, and no Python function is called for any row.
"""

from __future__ import annotations

_OCTET = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_V4 = f"({_OCTET}[.]){{3}}{_OCTET}"
_PLAIN_V4 = f"(25[0-4]|2[0-4][0-9]|1[013-9][0-9]|12[0-689]|[1-9]?[1-9]|[1-9]0)[.]({_OCTET}[.]){{2}}{_OCTET}"
_GROUPS = "([0-9a-f]{1,4}(:[0-9a-f]{1,4})*)?"
_PLAIN_V6 = (  # what most hosts have, written as RFC 5952 wants it: its first four groups are its /64
    "^([23][0-9a-f]{3}(?::(?:0|[1-9a-f][0-9a-f]{0,3})){2}:[1-9a-f][0-9a-f]{0,3})"
    "(?:(?::[0-9a-f]{1,4}){4}|:(?::[0-9a-f]{1,4}){1,3})$"
)

MACROS = (
    r"""
    create or replace macro names_nobody(x) as regexp_matches(
        lower(trim(x)), '^\[?(127[.]|0[.]|255[.]255[.]255[.]255|::1?(\]|$)|::ffff:127[.]|fe80:|localhost)'
    )
    """,
    """
    create or replace macro known_v4(x) as
        case when x like '127.%' or x like '0.%' or x = '255.255.255.255' then null else x end
    """,
    # Without port, brackets and outer blanks, in lower case; '' where brackets or port are malformed.
    rf"""
    create or replace macro bare_address(x) as
        case
            when x[1] = '[' then regexp_extract(x, '^\[([0-9a-f:.]+)\](:[0-9]{{1,5}})?$', 1)
            when x like '%.%:%' and x not like '%:%:%' then regexp_extract(x, '^({_V4}):[0-9]{{1,5}}$', 1)
            else x
        end
    """,
    # With a group on both sides of '::', and a dotted tail as the two groups that it stands for.
    rf"""
    create or replace macro padded_v6(x) as
        case when starts_with(x, '::') then '0' else '' end
        || case when x like '%.%' then regexp_replace(x, ':{_V4}$', ':0:0') else x end
        || case when ends_with(x, '::') then '0' else '' end
    """,
    # A padded address has as many colons as groups where it has '::', which stands for the rest of 8.
    r"""
    create or replace macro eight_groups(y) as
        regexp_replace(
            replace(y, '::', ':' || repeat('0:', 8 - (strlen(y) - strlen(replace(y, ':', ''))))),
            '(^|:)0{1,3}([0-9a-f])', '\1\2', 'g'
        )
    """,
    r"""
    create or replace macro prefix_64(groups) as
        nullif(regexp_replace(regexp_extract(
            groups, '^((?:[0-9a-f]{1,4}:){3}[0-9a-f]{1,4})(?::[0-9a-f]{1,4}){4}$', 1
        ), '(:0)+$', ''), '') || '::/64'
    """,
    # TRY_CAST, since a constant argument is folded through branches that would never run.
    """
    create or replace macro group_number(groups, i) as
        coalesce(try_cast('0x' || split_part(groups, ':', i) as INTEGER), 0)
    """,
    rf"""
    create or replace macro wrapped_v4(x, groups) as
        case
            when x like '%.%' then regexp_extract(x, '{_V4}$')
            else concat_ws('.', group_number(groups, 7) >> 8, group_number(groups, 7) & 255,
                                group_number(groups, 8) >> 8, group_number(groups, 8) & 255)
        end
    """,
    """
    create or replace macro address_of_groups(x, groups) as
        case
            when regexp_matches(groups, '^(0:0:0:0:0:ffff|64:ff9b:0:0:0:0):[^:]+:[^:]+$')
                then known_v4(wrapped_v4(x, groups))
            when groups not like '0:0:0:0:%' and groups not like 'fe80:0:0:0:%' then prefix_64(groups)
        end
    """,
    # A list of one and a lambda bind a value to a name, so that it is computed once. '1::2:3:4:5:6:7:8' has
    # '::' for no group at all, which is no address; a padded end makes up for the group it added.
    rf"""
    create or replace macro address_v6(x, y) as
        case
            when regexp_full_match(y, '{_GROUPS}(::)?{_GROUPS}')
                and (
                    x[1] = ':' or x[-1] = ':'
                    or not (y like '%::%' and regexp_full_match(y, '([^:]+:+){{7}}[^:]+'))
                )
                then list_transform([eight_groups(y)], lambda g: address_of_groups(x, g))[1]
        end
    """,
    rf"""
    create or replace macro spelt_address(x) as
        case
            when regexp_full_match(x, '{_V4}') then known_v4(x)
            when x like '%:%' then list_transform([padded_v6(x)], lambda y: address_v6(x, y))[1]
        end
    """,
    rf"""
    create or replace macro canonical_address(x) as
        case
            when regexp_full_match(x, '{_PLAIN_V4}') then x
            when regexp_matches(x, '{_PLAIN_V6}') then regexp_extract(x, '{_PLAIN_V6}', 1) || '::/64'
            when x is not null
                then list_transform([bare_address(lower(trim(x)))], lambda z: spelt_address(z))[1]
        end
    """,
)
