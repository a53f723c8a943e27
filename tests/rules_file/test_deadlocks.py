import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.names import GroupId, UserId
from bot.rules_file import RulesError, read_document
from tests.test_rules_file import HEAD, mistakes_in, read, with_right


@pytest.mark.parametrize(
    "channels",
    [
        "{}",
        "{C0X: }",
        "{C0X: [{may: deploy, on: prod, who: everyone, deny: true}]}",
        "{C0X: [{may: deploy, on: prod, who: U0ANA}, {may: everything, on: all, who: everyone, deny: true}]}",
        "{C0X: [{may: deploy, on: prod, who: S0RELEASE}, {may: everything, on: all, who: S0RELEASE, deny: true}]}",
        "{C0X: [{may: deploy, on: prod, who: [U0A, U0B]}, {may: deploy, on: all, who: [U0A, U0B, U0C], deny: true}]}",
    ],
)
def test_rules_that_let_nobody_do_anything_are_a_mistake(channels: str) -> None:
    (found,) = mistakes_in(HEAD + f"channels: {channels}\n")
    assert found.startswith(f"oec.yml:{HEAD.count(chr(10)) + 1}: `channels` lets nobody do anything.")


@pytest.mark.parametrize(
    "deny",
    [
        "{may: everything, on: all, who: U0ANA, deny: true}",
        "{may: everything, on: all, who: S0LEADS, deny: true}",
        "{may: restart, on: all, who: [U0ANA, U0BEN, S0RELEASE], deny: true}",
        "{may: everything, on: staging, who: [U0ANA, U0BEN, S0RELEASE], deny: true}",
    ],
)
def test_rules_that_leave_somebody_something_are_none(deny: str) -> None:
    right = "{may: deploy, on: prod, who: [U0ANA, U0BEN, S0RELEASE]}"
    assert not isinstance(read(HEAD + f"channels: {{C0X: [{right}, {deny}]}}\n"), RulesError)


@pytest.mark.parametrize(
    ("right", "approval", "stuck"),
    [
        ("who: U0CLEO", "by: [U0ANA, U0BEN], count: 2", False),
        ("who: U0CLEO", "by: [U0ANA, U0BEN], count: 3", True),
        ("who: U0ANA", "by: [U0ANA, U0BEN], count: 2", True),
        ("who: U0ANA", "by: [U0ANA, U0BEN], count: 2, requester_may_approve: true", False),
        ("who: everyone", "by: [U0ANA, U0BEN], count: 2", False),
        ("who: everyone", "by: [U0ANA, U0BEN], count: 3", True),
        ("who: U0ANA", "by: S0RELEASE, count: 9", False),
        ("who: U0ANA", "by: U0BEN, count: 2, escalate: {to: U0CLEO, after: 5m}", False),
    ],
)
def test_approval_of_several_that_too_few_could_give_is_a_mistake(
    right: str, approval: str, stuck: bool
) -> None:
    outcome = read(
        with_right(
            f"{{may: deploy, on: prod, {right}}}", "approvals:", f"  - {{for: deploy, on: prod, {approval}}}"
        )
    )
    assert isinstance(outcome, RulesError) is stuck
    if stuck:
        assert "different people could not ever approve it" in str(outcome)


def test_approval_that_nobody_in_a_known_group_could_give_is_a_mistake() -> None:
    group, ana, ben = GroupId("S0RELEASE"), UserId("U0ANA"), UserId("U0BEN")
    text = with_right(
        "{may: deploy, on: prod, who: U0ANA}", "approvals:", "  - {for: deploy, on: prod, by: S0RELEASE}"
    )
    for known in (frozenset[UserId](), frozenset({ana})):
        with pytest.raises(RulesError, match="nobody could ever approve it"):
            read_document(text, members={group: known})
    assert read_document(text, members={group: frozenset({ana, ben})}).cases == ()
    assert read_document(text, members={}).cases == ()


def test_rules_whose_groups_are_known_to_be_empty_let_nobody_do_anything() -> None:
    text = with_right("{may: restart, on: prod, who: S0RELEASE}")
    assert read_document(text).cases == ()
    with pytest.raises(RulesError, match="lets nobody do anything"):
        read_document(text, members={GroupId("S0RELEASE"): frozenset()})


OLD = "00000000-0000-4000-8000-000000000001"


@given(
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(["prod", "staging", "dev"]), min_size=1),
            st.sets(st.sampled_from(["deploy", "stop", "reinit", "everything"]), min_size=1),
            st.sampled_from(["U0ANA", "U0BEN", "[U0ANA, U0BEN]", "everyone"]),
            st.booleans(),
        ),
        min_size=1,
        max_size=4,
    ),
    st.lists(
        st.tuples(
            st.sets(st.sampled_from(["prod", "staging", "dev"]), min_size=1),
            st.sampled_from(["deploy", "stop", "reinit", "everything"]),
            st.sampled_from(["U0ANA", "[U0ANA, U0BEN]", "everyone"]),
            st.integers(1, 3),
        ),
        max_size=3,
    ),
)
def test_right_is_refused_exactly_where_each_of_its_environments_by_itself_would_be(
    rights: list[tuple[set[str], set[str], str, bool]], approvals: list[tuple[set[str], str, str, int]]
) -> None:
    """Environments are looked at by kinds; what comes out must be what looking at each would say."""

    def written(only: str | None) -> str:
        head = HEAD.replace("people:", f"  old: {{id: {OLD}}}\npeople:")
        lines = [head + "channels:", "  C0DEPLOYS:", "    - {may: start, on: old, who: everyone}"]
        for on, may, who, deny in rights:
            places = on if only is None else on & {only}
            if places:
                line = f"may: {list(may)}, on: {list(places)}, who: {who}, deny: {str(deny).lower()}"
                lines.append(f"    - {{{line}}}".replace("'", ""))
        if approvals:
            lines.append("approvals:")
        for places, word, by, count in approvals:
            line = f"for: {word}, on: {list(places)}, by: {by}, count: {count}"
            lines.append(f"  - {{{line}}}".replace("'", ""))
        return "\n".join(lines)

    def is_refused(only: str | None) -> bool:
        return "ever approve it" in str(read(written(only)))

    assert is_refused(None) == any(is_refused(alias) for alias in ("prod", "staging", "dev"))


def test_reinit_without_peers_on_one_of_two_environments_is_a_mistake() -> None:
    both = "{may: reinit, on: [dev, staging], who: U0ANA}\n    - {may: reinit, on: dev, who: U0BEN}"
    (found,) = mistakes_in(with_right(both))
    assert "lets U0ANA ask for `reinit` on `staging`" in found
