from itertools import combinations

import pytest

from casper_dash.auth.roles import Role


def test_each_role_is_above_the_ones_before_it():
    for lower, higher in combinations(Role, 2):
        assert lower < higher
        assert lower <= higher
        assert higher > lower
        assert higher >= lower
        assert lower != higher


def test_a_role_is_not_below_itself():
    assert Role.EDITOR >= Role.EDITOR
    assert not Role.EDITOR > Role.EDITOR
    assert not Role.EDITOR < Role.EDITOR
    assert sorted(Role, reverse=True)[0] is Role.ADMINISTRATOR


def test_a_made_up_role_is_no_role():
    with pytest.raises(ValueError, match="owner"):
        Role("owner")
    with pytest.raises(ValueError, match="owner"):
        assert Role.VIEWER < "owner"
