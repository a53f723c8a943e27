import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.catalog import Catalog, Environment, is_alias
from bot.core.grammar import LONGEST_WORD, MOST_RUNS, WORDS, ask_form, find_word, parse
from bot.core.intents import (
    ActionIntent,
    Change,
    Deploy,
    Intent,
    QuickUpdate,
    Restart,
    ShowHelp,
    ShowHistory,
    ShowLog,
    ShowMay,
    ShowRun,
    ShowStatus,
    ShowWhy,
    Start,
    Stop,
    as_change,
    typed_form,
)
from bot.core.misunderstood import (
    AmbiguousEnvironment,
    BadModules,
    BadRunNumber,
    MissingEnvironment,
    MissingModules,
    Misunderstood,
    UnexpectedWords,
    UnknownEnvironment,
    UnknownPerson,
    UnknownWord,
)
from bot.core.names import Action, RunId, UpdateMode, UserId
from bot.core.typed_text import LONGEST_ECHO
from tests.core.samples import CATALOG, DEV, OLD, PROD, SHOP, STAGING, environment

SALE_STOCK = ("sale", "stock")


def updating(environment: Environment, *modules: str) -> QuickUpdate:
    return QuickUpdate(environment, UpdateMode.UPDATE_SPECIFIC, modules)


def reinitializing(environment: Environment, *modules: str) -> QuickUpdate:
    return QuickUpdate(environment, UpdateMode.REINITIALIZE_SPECIFIC, modules)


ANA = UserId("U0ANA")
PULL_PROD = QuickUpdate(PROD, UpdateMode.PULL_RESTART)
ALL_PROD = QuickUpdate(PROD, UpdateMode.UPDATE_ALL)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("deploy prod", Deploy(PROD)),
        ("DEPLOY Prod", Deploy(PROD)),
        ("redeploy prod", Deploy(PROD)),
        ("deploy: prod", Deploy(PROD)),
        ("deploy prod modules=sale,stock", Deploy(PROD, SALE_STOCK)),
        ("deploy modules=sale,stock prod", Deploy(PROD, SALE_STOCK)),
        ("deploy prod modules = sale, stock", Deploy(PROD, SALE_STOCK)),
        ("deploy prod modules=sale stock", Deploy(PROD, SALE_STOCK)),
        ("deploy prod modules='sale','stock'", Deploy(PROD, SALE_STOCK)),
        ("deploy prod modules=“sale, stock”", Deploy(PROD, SALE_STOCK)),
        ("deploy prod modules=Sale,sale", Deploy(PROD, ("sale",))),
        ("deploy prod modules=all", Deploy(PROD, ("all",))),
        ("deploy prod update_modules=sale", Deploy(PROD, ("sale",))),
        ("restart prod", Restart(PROD)),
        ("reboot prod", Restart(PROD)),
        ("start prod", Start(PROD)),
        ("stop prod", Stop(PROD)),
        ("update prod", PULL_PROD),
        ("update prod all", ALL_PROD),
        ("update_all prod", ALL_PROD),
        ("update-all prod", ALL_PROD),
        ("update prod modules=all", ALL_PROD),
        ("update prod sale", updating(PROD, "sale")),
        ("update prod sale,stock", updating(PROD, *SALE_STOCK)),
        ("update prod sale, stock", updating(PROD, *SALE_STOCK)),
        ("update prod sale stock", updating(PROD, *SALE_STOCK)),
        ("upgrade prod sale and_stock", updating(PROD, "sale", "and_stock")),
        ("update prod modules=sale stock", updating(PROD, *SALE_STOCK)),
        ("update sale, stock on prod", updating(PROD, *SALE_STOCK)),
        ("reinit dev sale,stock", reinitializing(DEV, *SALE_STOCK)),
        ("reinitialize dev modules=sale", reinitializing(DEV, "sale")),
        ("reinit dev sale mode=reinitialize_specific", reinitializing(DEV, "sale")),
        ("quick-update prod", PULL_PROD),
        ("quick_update prod mode=pull_restart", PULL_PROD),
        ("quick-update prod mode=update_all", ALL_PROD),
        ("quick-update prod mode=update_all modules=all", ALL_PROD),
        ("quick-update prod mode=update_specific modules=sale,stock", updating(PROD, *SALE_STOCK)),
        ("quick-update modules=sale,stock mode=update_specific prod", updating(PROD, *SALE_STOCK)),
        ("quick-update mode=Update-Specific prod modules=sale,stock", updating(PROD, *SALE_STOCK)),
        ("quick-update mode=reinitialize_specific env=dev modules=sale", reinitializing(DEV, "sale")),
        ("status", ShowStatus()),
        ("status prod", ShowStatus(PROD)),
        ("status of prod", ShowStatus(PROD)),
        ("history", ShowHistory()),
        ("history prod", ShowHistory(PROD)),
        ("history prod 20", ShowHistory(PROD, 20)),
        ("history 20 prod", ShowHistory(PROD, 20)),
        ("history 20", ShowHistory(None, 20)),
        ("history count=50 prod", ShowHistory(PROD, 50)),
        ("run 42", ShowRun(RunId(42))),
        ("run #42", ShowRun(RunId(42))),
        ("logs 42", ShowLog(RunId(42))),
        ("log #42", ShowLog(RunId(42))),
        ("can", ShowMay()),
        ("can I", ShowMay()),
        ("may I?", ShowMay()),
        ("can deploy prod", ShowMay(asks=Deploy(PROD))),
        ("can I deploy prod?", ShowMay(asks=Deploy(PROD))),
        ("may i redeploy production ?", ShowMay(asks=Deploy(PROD))),
        ("can deploy prod modules=sale, stock", ShowMay(asks=Deploy(PROD, SALE_STOCK))),
        ("can I deploy prod modules=sale,stock?", ShowMay(asks=Deploy(PROD, SALE_STOCK))),
        ("can I update prod sale,stock?", ShowMay(asks=updating(PROD, *SALE_STOCK))),
        ("can me reinit dev sale,stock", ShowMay(asks=reinitializing(DEV, *SALE_STOCK))),
        ("can <@U0ANA>", ShowMay(ANA)),
        ("can <@U0ANA|ana> ?", ShowMay(ANA)),
        ("can <@U0ANA|ana> deploy prod", ShowMay(ANA, Deploy(PROD))),
        ("can <@U0ANA>, deploy to prod", ShowMay(ANA, Deploy(PROD))),
        ("can @U0ANA update prod all", ShowMay(ANA, ALL_PROD)),
        ("can status prod", ShowMay(asks=ShowStatus(PROD))),
        ("can history prod 20", ShowMay(asks=ShowHistory(PROD, 20))),
        ("can logs 42", ShowMay(asks=ShowLog(RunId(42)))),
        ("why", ShowWhy()),
        ("why?", ShowWhy()),
        ("why 42", ShowWhy(RunId(42))),
        ("why #42", ShowWhy(RunId(42))),
        ("can ?", ShowHelp("can")),
        ("why help", ShowHelp("why")),
        ("help may", ShowHelp("can")),
        ("can deploy help", ShowHelp("deploy")),
        ("", ShowHelp()),
        ("/oec", ShowHelp()),
        ("?", ShowHelp()),
        ("help", ShowHelp()),
        ("help deploy", ShowHelp("deploy")),
        ("help quick-update", ShowHelp("update")),
        ("deploy help", ShowHelp("deploy")),
        ("deploy ?", ShowHelp("deploy")),
        ("run --help", ShowHelp("run")),
    ],
)
def test_ask_in_any_of_its_forms_is_understood(text: str, intent: Intent) -> None:
    assert parse(text, CATALOG) == intent


@pytest.mark.parametrize(
    "name",
    [
        "prod",
        "production",
        "to prod",
        "on PROD",
        "env=prod",
        "environment=prod",
        "env = “prod”",
        "Client ERP/production",
        "client erp / production",
        "“Client ERP/production”",
        "env=Client ERP/production",
        "to Client ERP/production",
        "<http://prod|prod>",
        str(PROD.id),
    ],
)
def test_environment_may_be_named_in_many_ways(name: str) -> None:
    assert parse(f"restart {name}", CATALOG) == Restart(PROD)
    assert parse(f"update {name} sale", CATALOG) == updating(PROD, "sale")


def test_name_with_an_apostrophe_is_found_however_it_is_typed() -> None:
    assert parse("restart L’Atelier Shop/production", CATALOG) == Restart(SHOP)
    assert parse("restart L'Atelier Shop/production", CATALOG) == Restart(SHOP)


@pytest.mark.parametrize(
    ("text", "misunderstood"),
    [
        ("deplyo prod", UnknownWord("deplyo", "deploy")),
        ("Rstart prod", UnknownWord("Rstart", "restart")),
        ("histroy", UnknownWord("histroy", "history")),
        ("quik-update prod", UnknownWord("quik-update", "update")),
        ("prod deploy", UnknownWord("prod", None)),
        ("env=prod deploy", UnknownWord("env=prod", None)),
        ("help deplyo", UnknownWord("deplyo", "deploy")),
        ("deploy", MissingEnvironment("deploy")),
        ("deploy to", MissingEnvironment("deploy")),
        ("deploy env=", MissingEnvironment("deploy")),
        ("deploy modules=sale", MissingEnvironment("deploy")),
        ("update all", MissingEnvironment("update")),
        ("deploy kubernetes", UnknownEnvironment("kubernetes", ())),
        ("deploy prdo", UnknownEnvironment("prdo", ((PROD, "deploy prod"),))),
        ("deploy to prdo", UnknownEnvironment("prdo", ((PROD, "deploy prod"),))),
        ("deploy env=prdo modules=sale", UnknownEnvironment("prdo", ((PROD, "deploy prod modules=sale"),))),
        (
            "update stagign sale, stock",
            UnknownEnvironment("stagign", ((STAGING, "update staging sale,stock"),)),
        ),
        ("status stagign", UnknownEnvironment("stagign", ((STAGING, "status staging"),))),
        ("history stagign 20", UnknownEnvironment("stagign", ((STAGING, "history staging 20"),))),
        ("stop Client ERP/productoin", UnknownEnvironment("Client ERP/productoin", ((PROD, "stop prod"),))),
        (
            "stop Client ERP / productoin",
            UnknownEnvironment("Client ERP / productoin", ((PROD, "stop prod"),)),
        ),
        ("deploy prod modules=", MissingModules("deploy")),
        ("deploy prod modules=all,sale", UnexpectedWords("deploy", ("sale",))),
        ("deploy prod modules=sale all", UnexpectedWords("deploy", ("sale",))),
        ("reinit dev", MissingModules("reinit")),
        ("quick-update prod mode=update_specific", MissingModules("update")),
        ("reinit dev all", BadModules(("all",))),
        ("quick-update prod mode=update_specific modules=all", BadModules(("all",))),
        ("update prod sale-stock,ok", BadModules(("sale-stock",))),
        ("deploy prod modules=../etc", BadModules(("../etc",))),
        (f"update prod {'a' * 65}", BadModules(("a" * 65,))),
        (f"update prod {'a' * 900}", BadModules(("a" * LONGEST_ECHO,))),
        ("deploy prod now", UnexpectedWords("deploy", ("now",))),
        ("deploy prod sale", UnexpectedWords("deploy", ("sale",))),
        ("deploy prod sale modules=stock", UnexpectedWords("deploy", ("sale",))),
        ("deploy prod staging", UnexpectedWords("deploy", ("staging",))),
        ("deploy prod,staging", UnexpectedWords("deploy", ("staging",))),
        ("deploy prod ?", UnexpectedWords("deploy", ("?",))),
        ("deploy prod mode=update_all", UnexpectedWords("deploy", ("mode=update_all",))),
        ("deploy prod env=staging", UnexpectedWords("deploy", ("prod",))),
        ("deploy env=prod env=staging", UnexpectedWords("deploy", ("env=staging",))),
        ("deploy prod branch=main", UnexpectedWords("deploy", ("branch=main",))),
        ("restart prod modules=sale", UnexpectedWords("restart", ("modules=sale",))),
        ("update prod staging", UnexpectedWords("update", ("staging",))),
        ("update prod,staging", UnexpectedWords("update", ("staging",))),
        ("update prod all sale", UnexpectedWords("update", ("sale",))),
        ("update_all prod sale", UnexpectedWords("update_all", ("sale",))),
        ("update prod mode=restart_only", UnexpectedWords("update", ("mode=restart_only",))),
        ("update prod sale mode=pull_restart", UnexpectedWords("update", ("sale",))),
        ("update prod all mode=pull_restart", UnexpectedWords("update", ("all",))),
        ("reinit dev sale mode=update_specific", UnexpectedWords("reinit", ("mode=update_specific",))),
        ("status prod please", UnexpectedWords("status", ("please",))),
        ("history prod 0", UnexpectedWords("history", ("0",))),
        ("history prod 51", UnexpectedWords("history", ("51",))),
        ("history prod count=many", UnexpectedWords("history", ("many",))),
        ("can @ana deploy prod", UnknownPerson("@ana")),
        ("can @releasers", UnknownPerson("@releasers")),
        ("can <!subteam^S0RELEASE|@releasers> deploy prod", UnknownPerson("@releasers")),
        ("can deploy", MissingEnvironment("can deploy")),
        ("can reinit dev", MissingModules("can reinit")),
        ("can deplyo prod", UnknownWord("deplyo", "can deploy")),
        ("can sing", UnknownWord("sing", None)),
        ("can deploy prdo", UnknownEnvironment("prdo", ((PROD, "can deploy prod"),))),
        ("can <@U0ANA> stop prdo", UnknownEnvironment("prdo", ((PROD, "can <@U0ANA> stop prod"),))),
        ("can deploy prod now", UnexpectedWords("deploy", ("now",))),
        ("can can deploy prod", UnexpectedWords("can", ("can deploy prod",))),
        ("can why 42", UnexpectedWords("can", ("why 42",))),
        ("why prod", BadRunNumber("why", "prod")),
        ("why 42 43", UnexpectedWords("why", ("43",))),
        ("run", BadRunNumber("run", None)),
        ("run abc", BadRunNumber("run", "abc")),
        ("run 0", BadRunNumber("run", "0")),
        ("run -1", BadRunNumber("run", "-1")),
        ("run 1234567890", BadRunNumber("run", "1234567890")),
        ("logs prod", BadRunNumber("logs", "prod")),
        ("run 42 43", UnexpectedWords("run", ("43",))),
        ("help deploy prod", UnexpectedWords("help", ("prod",))),
    ],
)
def test_unclear_ask_says_what_is_unclear(text: str, misunderstood: Misunderstood) -> None:
    assert parse(text, CATALOG) == misunderstood


def test_ambiguous_platform_name_offers_each_with_its_own_ask() -> None:
    one = environment("a", project="One", platform="live")
    two = environment("b", project="Two", platform="live")
    assert parse("restart live", Catalog((one, two))) == AmbiguousEnvironment(
        "live", ((one, "restart a"), (two, "restart b"))
    )


def test_second_thing_wrong_is_told_before_a_useless_offer() -> None:
    assert parse("update prdo sale-stock", CATALOG) == BadModules(("sale-stock",))


def test_environment_called_help_can_be_deployed() -> None:
    named = environment("help")
    assert parse("deploy help", Catalog((named,))) == Deploy(named)


def test_module_called_like_an_environment_is_taken_where_it_can_only_be_a_module() -> None:
    assert parse("update prod modules=dev", CATALOG) == updating(PROD, "dev")
    assert parse("update prod sale,dev", CATALOG) == updating(PROD, "sale", "dev")


def test_fifty_modules_are_taken_and_one_more_is_too_many_though_no_name_is_wrong() -> None:
    names = [f"m{number}" for number in range(51)]
    assert parse(f"update prod {','.join(names[:50])}", CATALOG) == updating(PROD, *names[:50])
    assert parse(f"update prod {','.join(names)}", CATALOG) == BadModules(())


def test_every_word_leads_to_a_canonical_one_and_is_found_in_any_case() -> None:
    for word, canonical in WORDS.items():
        assert find_word(word.upper()) == canonical
        assert find_word(canonical) == canonical


@pytest.mark.parametrize(
    "nonsense", ["x" * 3000, "xyzzy " * 500, "=" * 3000, "<" * 3000, "“" * 3000 + "q" * 3000]
)
def test_nonsense_of_any_length_is_an_unknown_word_cut_short(nonsense: str) -> None:
    found = parse(nonsense, CATALOG)
    assert isinstance(found, UnknownWord)
    assert found == UnknownWord(found.word[:LONGEST_WORD], None)


@pytest.mark.parametrize(
    "rest", ["a/ " * 1000, "m " * 1500, "a," * 1500, "<x" * 1500, "=" * 3000, "to " * 1000]
)
def test_three_thousand_characters_after_a_word_are_answered(rest: str) -> None:
    assert isinstance(parse(f"deploy prod {rest}", CATALOG), Misunderstood)
    assert isinstance(parse(f"restart {rest}", CATALOG), Misunderstood)


TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            [*WORDS, "prod", "dev", "to", "on", "all", "20", "#42", "env=prod", "mode=update_all"]
        ),
        st.sampled_from(
            ["modules=sale", "modules=", ",", "=", "Client", "ERP/production", "/", "“", "<@U0OEC>", "'"]
        ),
        st.text(max_size=8),
    ),
    max_size=8,
).map(" ".join)


@given(TEXTS)
def test_any_text_is_an_intent_or_a_reason(text: str) -> None:
    assert isinstance(parse(text, CATALOG), Intent | Misunderstood)


@given(TEXTS)
def test_understood_text_means_the_same_in_its_canonical_form(text: str) -> None:
    meant = parse(text, CATALOG)
    if isinstance(meant, QuickUpdate) and meant.modules in {("prod",), ("dev",)}:
        return  # a single module called like an environment has no short form: `test_module_called_like…`
    if isinstance(meant, Intent):
        assert parse(ask_form(meant), CATALOG) == meant


@given(TEXTS)
def test_every_offer_asks_for_what_it_offers(text: str) -> None:
    found = parse(text, CATALOG)
    if isinstance(found, UnknownEnvironment | AmbiguousEnvironment):
        for offered, ask in found.offers:
            meant = parse(ask, CATALOG)
            if isinstance(meant, ShowMay):
                assert meant.asks is not None
                meant = meant.asks
            assert isinstance(meant, ActionIntent | ShowStatus | ShowHistory)
            assert meant.environment == offered


ALIASES = st.text(string.ascii_letters + string.digits + "-._é", min_size=1, max_size=12).filter(is_alias)
MODULES = st.lists(
    st.text(string.ascii_lowercase + string.digits + "_", min_size=1, max_size=64).filter(
        lambda name: name != "all"
    ),
    min_size=1,
    max_size=50,
    unique=True,
).map(tuple)


@st.composite
def changes(draw: st.DrawFn) -> Change:
    named = environment(draw(ALIASES))
    action = draw(st.sampled_from(Action))
    if action is Action.DEPLOY:
        return Change(action, named, modules=draw(st.one_of(st.just(()), st.just(("all",)), MODULES)))
    if action is not Action.UPDATE:
        return Change(action, named)
    mode = draw(st.sampled_from(UpdateMode))
    takes_modules = mode in {UpdateMode.UPDATE_SPECIFIC, UpdateMode.REINITIALIZE_SPECIFIC}
    return Change(
        action,
        named,
        mode,
        draw(MODULES.filter(lambda names: names != (named.alias,))) if takes_modules else (),
    )


@given(changes())
def test_typed_form_of_a_change_asks_for_the_same_change(change: Change) -> None:
    meant = parse(typed_form(change), Catalog((change.environment, OLD)))
    assert isinstance(meant, ActionIntent)
    assert as_change(meant) == change


@given(st.one_of(st.none(), st.sampled_from(CATALOG.environments)), st.integers(1, MOST_RUNS))
def test_canonical_form_of_a_reading_ask_asks_for_the_same(named: Environment | None, count: int) -> None:
    asks: list[Intent] = [
        ShowStatus(named),
        ShowHistory(named, count),
        ShowRun(RunId(count)),
        ShowLog(RunId(count)),
        ShowMay(),
        ShowMay(ANA),
        ShowMay(ANA, ShowHistory(named, count)),
        ShowMay(asks=ShowLog(RunId(count))),
        ShowWhy(),
        ShowWhy(RunId(count)),
        ShowHelp(),
        ShowHelp("deploy"),
    ]
    assert [parse(ask_form(intent), CATALOG) for intent in asks] == asks
