import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalog import (
    MOST_OFFERS,
    Catalog,
    Environment,
    Found,
    Several,
    Unknown,
    find_exact,
    is_alias,
    resolve,
)
from tests.core.samples import CATALOG, DEV, OLD, PROD, SHOP, STAGING, environment


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("prod", PROD),
        ("PROD", PROD),
        ("  prod ", PROD),
        ("production", PROD),
        ("Client ERP/production", PROD),
        ("client erp / PRODUCTION", PROD),
        ("clienterp/production", PROD),
        ("L’Atelier Shop/production", SHOP),
        (str(STAGING.id), STAGING),
        (str(STAGING.id).upper(), STAGING),
    ],
)
def test_name_of_an_environment_finds_it(name: str, meant: Environment) -> None:
    assert resolve(name, CATALOG) == Found(meant)


def test_typo_offers_the_protected_environment_where_no_other_is_near() -> None:
    assert resolve("prdo", Catalog((PROD, STAGING, DEV, OLD))) == Unknown("prdo", (PROD,))


def test_typo_as_near_to_an_unprotected_environment_never_offers_the_protected_one() -> None:
    protected, other = environment("prod", protected=True), environment("prod2")
    assert resolve("prod3", Catalog((protected, other))) == Unknown("prod3", (other,))


def test_nearer_protected_environment_is_offered_beside_farther_ones() -> None:
    protected, other = environment("prod", protected=True), environment("pro-us")
    assert resolve("prodd", Catalog((other, protected))) == Unknown("prodd", (protected,))
    assert resolve("prodi", Catalog((environment("pradi-x"), protected))) == Unknown("prodi", (protected,))


def test_beginning_of_a_name_offers_it() -> None:
    assert resolve("stag", CATALOG) == Unknown("stag", (STAGING,))
    assert resolve("client erp/stag", CATALOG) == Unknown("client erp/stag", (STAGING,))


def test_name_far_from_all_offers_nothing() -> None:
    assert resolve("kubernetes", CATALOG) == Unknown("kubernetes", ())


def test_name_in_an_empty_catalog_offers_nothing() -> None:
    assert resolve("prod", Catalog(())) == Unknown("prod", ())


def test_platform_name_in_two_projects_is_ambiguous() -> None:
    one = environment("a", project="One", platform="production")
    two = environment("b", project="Two", platform="production")
    assert resolve("Production", Catalog((one, two))) == Several("Production", (one, two))


def test_platform_name_of_one_project_is_offered_and_not_taken() -> None:
    one = environment("a", project="One", platform="production")
    assert resolve("production", Catalog((one, DEV))) == Unknown("production", (one,))


def test_alias_wins_over_another_environments_full_name() -> None:
    named = environment("one/live")
    other = environment("b", project="One", platform="live")
    assert resolve("one/live", Catalog((other, named))) == Found(named)


def test_many_near_names_offer_five() -> None:
    catalog = Catalog(tuple(environment(f"shop{number}") for number in range(9)))
    found = resolve("shop", catalog)
    assert isinstance(found, Unknown)
    assert found.nearest == catalog.environments[:MOST_OFFERS]


def test_catalog_gives_its_environments_by_id_and_in_part() -> None:
    assert CATALOG.by_id()[DEV.id] == DEV
    assert CATALOG.among(frozenset({OLD.id, PROD.id})) == (PROD, OLD)


@pytest.mark.parametrize(
    "name", ["prod", "prod-eu", "client.erp", "a", "produção", "eu/prod", "v17", "a" * 64]
)
def test_one_word_may_be_an_alias(name: str) -> None:
    assert is_alias(name)


@pytest.mark.parametrize(
    "name", ["", "two words", "a=b", "a,b", "-x", "x.", "20", "all", "ON", "a" * 65, "`x`", "<@U1>"]
)
def test_what_the_grammar_needs_may_not_be_an_alias(name: str) -> None:
    assert not is_alias(name)


NAMES = st.text(string.ascii_lowercase + "-", min_size=1, max_size=10).filter(is_alias)
CATALOGS = st.lists(st.tuples(NAMES, st.booleans()), max_size=8, unique_by=lambda pair: pair[0]).map(
    lambda pairs: Catalog(tuple(environment(name, protected=protected) for name, protected in pairs))
)


@given(CATALOGS, NAMES)
def test_unknown_name_is_never_guessed(catalog: Catalog, name: str) -> None:
    known = {one.alias for one in catalog.environments}
    assert isinstance(resolve(name, catalog), Found) == (name in known)


@given(CATALOGS, NAMES)
def test_offered_protected_environment_is_nearer_than_every_unprotected_one(
    catalog: Catalog, name: str
) -> None:
    found = resolve(name, catalog)
    if isinstance(found, Unknown) and any(one.protected for one in found.nearest):
        without = Catalog(tuple(one for one in catalog.environments if one.protected))
        alone = resolve(name, without)
        assert isinstance(alone, Unknown)
        first_unprotected = next(
            (n for n, one in enumerate(found.nearest) if not one.protected), len(found.nearest)
        )
        assert all(not one.protected for one in found.nearest[first_unprotected:])
        assert set(found.nearest[:first_unprotected]) <= set(alone.nearest)


@given(CATALOGS)
def test_every_alias_finds_its_own_environment_in_any_case(catalog: Catalog) -> None:
    for one in catalog.environments:
        assert find_exact(one.alias.upper(), catalog) == Found(one)
