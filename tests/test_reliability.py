"""Reader statistics against published tables, closed forms, and their own promises of coverage."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from strategies import floats

from balance.study.bland_altman import bland_altman
from balance.study.kappa import agreement_weights, cross_table, kappa
from balance.study.reliability import mean_squares, reliability

SHROUT_FLEISS = np.array(
    # Shrout and Fleiss, Psychol Bull 1979;86:420-428, table 2: six targets, four judges.
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]],
    float,
)
# Bland and Altman, Lancet 1986;327:307-310: peak flow in l/min, first readings of both meters.
WRIGHT = np.array(
    [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427], float
)
MINI = np.array(
    [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451], float
)

tables = arrays(
    float,
    st.tuples(st.integers(3, 12), st.integers(2, 5)),
    elements=st.floats(-100, 100, allow_nan=False, width=32),
)


# --- Intraclass correlation ----------------------------------------------------------------------


def test_the_published_intraclass_correlations():
    found = reliability(SHROUT_FLEISS)
    # Values as the paper rounds them, limits as printed for this table by the psych package.
    for coefficient, value, low, high in (
        (found.icc_1_1, 0.17, -0.13, 0.72),
        (found.icc_2_1, 0.29, 0.02, 0.76),
        (found.icc_3_1, 0.71, 0.34, 0.95),
    ):
        assert round(coefficient.value, 2) == value
        assert coefficient.ci95 == pytest.approx((low, high), abs=0.006)
    assert (found.n, found.k) == (6, 4)


def test_the_published_analysis_of_variance():
    # Table 3 of the same paper: BMS 11.24, WMS 6.26, JMS 32.49, EMS 1.02.
    squares = mean_squares(SHROUT_FLEISS)
    assert squares.between == pytest.approx(11.24, abs=0.005)
    assert squares.within == pytest.approx(6.26, abs=0.005)
    assert squares.readers == pytest.approx(32.49, abs=0.005)
    assert squares.error == pytest.approx(1.02, abs=0.005)


def test_the_error_of_measurement_is_the_root_of_the_within_mean_square():
    found = reliability(SHROUT_FLEISS)
    within = np.mean(SHROUT_FLEISS.var(axis=1, ddof=1))
    assert found.sem == pytest.approx(within**0.5)
    assert found.mdc95 == pytest.approx(1.959964 * 2**0.5 * within**0.5, rel=1e-6)
    low, high = (within * 18 / stats.chi2.ppf(p, 18) for p in (0.975, 0.025))
    assert found.sem_ci95 == pytest.approx((low**0.5, high**0.5))


@given(tables)
def test_the_squares_add_up(table):
    squares = mean_squares(table)
    n, k = table.shape
    total = (squares.between * (n - 1)) + squares.within * n * (k - 1)
    assert total == pytest.approx(((table - table.mean()) ** 2).sum(), rel=1e-6, abs=1e-6)
    parts = squares.readers * (k - 1) + squares.error * (n - 1) * (k - 1)
    assert parts == pytest.approx(squares.within * n * (k - 1), rel=1e-6, abs=1e-6)


@given(tables)
def test_one_way_agrees_with_scipys_f(table):
    assume(mean_squares(table).within > 1e-3)
    squares = mean_squares(table)
    f = stats.f_oneway(*table).statistic
    k = squares.k
    assert reliability(table).icc_1_1.value == pytest.approx(
        (f - 1) / (f + k - 1), rel=1e-6, abs=1e-7
    )


@given(tables, floats(-50, 50), floats(0.1, 20), st.randoms())
def test_what_changes_nothing(table, shift, factor, random):
    assume(mean_squares(table).error > 1e-3)
    assume(mean_squares(table).between > 1e-3)
    found = reliability(table)
    rows, columns = list(range(table.shape[0])), list(range(table.shape[1]))
    random.shuffle(rows)
    random.shuffle(columns)
    other = reliability(factor * table[rows][:, columns] + shift)
    for name in ("icc_1_1", "icc_2_1", "icc_3_1"):
        one, two = getattr(found, name), getattr(other, name)
        assert two.value == pytest.approx(one.value, rel=1e-5, abs=1e-6)
        assert two.ci95 == pytest.approx(one.ci95, rel=1e-4, abs=1e-5)
    assert other.sem == pytest.approx(factor * found.sem, rel=1e-6)


@given(tables, st.integers(0, 1), floats(-30, 30))
def test_a_readers_bias_leaves_consistency_as_it_is(table, reader, bias):
    assume(mean_squares(table).error > 1e-3)
    biased = table.copy()
    biased[:, reader] += bias
    one, two = reliability(table).icc_3_1, reliability(biased).icc_3_1
    assert two.value == pytest.approx(one.value, rel=1e-6, abs=1e-7)
    assert two.ci95 == pytest.approx(one.ci95, rel=1e-5, abs=1e-6)


@given(tables)
def test_the_value_lies_in_its_interval_and_in_range(table):
    squares = mean_squares(table)
    assume(squares.error > 1e-3)
    assume(squares.between > 1e-3)
    found = reliability(table)
    for one in (found.icc_1_1, found.icc_2_1, found.icc_3_1):
        low, high = one.ci95
        assert low <= one.value + 1e-9
        assert one.value <= high + 1e-9
        assert one.value <= 1
    assert found.icc_1_1.value >= -1 / (squares.k - 1) - 1e-9


def test_without_any_variance_there_is_no_coefficient():
    found = reliability(np.full((5, 3), 7.0))
    assert found.icc_2_1.value is None
    assert "same" in found.icc_2_1.reason
    assert found.sem == 0


def test_perfect_agreement_is_1():
    table = np.repeat(np.arange(6.0)[:, None], 3, axis=1)
    found = reliability(table)
    assert found.icc_1_1.value == found.icc_2_1.value == found.icc_3_1.value == 1
    assert found.mdc95 == 0


@pytest.mark.parametrize("shape", [(1, 3), (4, 1)])
def test_one_film_or_one_reader_is_no_table(shape):
    with pytest.raises(ValueError, match="two or more"):
        reliability(np.zeros(shape))


@pytest.mark.slow
@pytest.mark.parametrize("readers", [2, 4])
def test_the_intervals_cover_what_they_promise(readers):
    rng = np.random.default_rng(11)
    films, runs = 25, 1500
    between, bias, noise = 8.0, 1.5, 3.0
    agreement = between**2 / (between**2 + bias**2 + noise**2)
    consistency = between**2 / (between**2 + noise**2)
    inside = {"icc_2_1": 0, "icc_3_1": 0, "sem": 0}
    for _ in range(runs):
        truth = between * rng.standard_normal((films, 1))
        error = noise * rng.standard_normal((films, readers))
        found = reliability(truth + error + bias * rng.standard_normal((1, readers)))
        inside["icc_2_1"] += found.icc_2_1.ci95[0] <= agreement <= found.icc_2_1.ci95[1]
        inside["icc_3_1"] += found.icc_3_1.ci95[0] <= consistency <= found.icc_3_1.ci95[1]
        unbiased = reliability(truth + error)
        inside["sem"] += unbiased.sem_ci95[0] <= noise <= unbiased.sem_ci95[1]
    share = {name: count / runs for name, count in inside.items()}
    # 1,500 runs know a share of 0.95 to 0.0056.
    assert share["icc_3_1"] == pytest.approx(0.95, abs=0.018)
    assert share["sem"] == pytest.approx(0.95, abs=0.018)
    # Satterthwaite is an approximation: few readers tell little of their own variance.
    assert 0.93 <= share["icc_2_1"] <= 0.99


# --- Bland and Altman ----------------------------------------------------------------------------


def test_the_published_peak_flow_meters():
    found = bland_altman(WRIGHT, MINI)
    assert found.n == 17
    assert round(found.bias, 1) == -2.1
    assert round(found.sd, 1) == 38.8
    # The paper takes 2 SD (-79.7 to 75.5 from rounded figures); the program 1.96.
    assert found.bias - 2 * found.sd == pytest.approx(-79.7, abs=0.1)
    assert found.bias + 2 * found.sd == pytest.approx(75.5, abs=0.1)
    assert found.limits == pytest.approx(
        (-2.1176 - 1.96 * 38.765, -2.1176 + 1.96 * 38.765), abs=0.01
    )
    # "the 95 % confidence interval for the bias is -22.0 to 17.8"
    assert found.bias_ci95 == pytest.approx((-22.0, 17.8), abs=0.06)


@given(floats(-50, 50), floats(0.1, 10), st.integers(3, 60))
def test_the_exact_limits_nearly_agree_with_the_approximate_ones_on_many_films(bias, sd, seed):
    rng = np.random.default_rng(seed)
    difference = bias + sd * rng.standard_normal(2000)
    mean = rng.standard_normal(2000) * 30
    found = bland_altman(mean + difference / 2, mean - difference / 2)
    s = difference.std(ddof=1)
    # Bland and Altman's own standard error of a limit.
    half = 1.96 * s * (1 / 2000 + 1.96**2 / 2 / 1999) ** 0.5
    assert found.upper_ci95 == pytest.approx(
        (found.limits[1] - half, found.limits[1] + half), abs=0.05 * half + 1e-9
    )


@pytest.mark.parametrize("n", [5, 20])
def test_the_limits_intervals_cover_the_true_percentiles(n):
    rng = np.random.default_rng(2)
    inside = 0
    runs = 4000
    for difference in rng.standard_normal((runs, n)) * 3 + 1:
        found = bland_altman(difference, np.zeros(n))
        inside += found.upper_ci95[0] <= 1 + 1.959964 * 3 <= found.upper_ci95[1]
    assert inside / runs == pytest.approx(0.95, abs=0.012)


@given(arrays(float, (9, 2), elements=st.floats(-50, 50, width=32)))
def test_swapping_the_readers_mirrors_everything(table):
    one, two = bland_altman(*table.T), bland_altman(*table.T[::-1])
    assert two.bias == pytest.approx(-one.bias)
    assert two.limits == pytest.approx((-one.limits[1], -one.limits[0]))
    assert two.lower_ci95 == pytest.approx((-one.upper_ci95[1], -one.upper_ci95[0]))
    if one.slope is not None:
        assert two.slope.value == pytest.approx(-one.slope.value)


def test_the_slope_is_scipys_and_finds_a_proportional_bias():
    rng = np.random.default_rng(4)
    truth = rng.uniform(20, 80, 40)
    first, second = 1.2 * truth + rng.standard_normal(40), truth + rng.standard_normal(40)
    found = bland_altman(first, second)
    line = stats.linregress((first + second) / 2, first - second)
    assert found.slope.value == pytest.approx(line.slope)
    half = stats.t.ppf(0.975, 38) * line.stderr
    assert found.slope.ci95 == pytest.approx((line.slope - half, line.slope + half))
    assert found.slope.is_proportional
    assert found.slope.value == pytest.approx(0.2 / 1.1, abs=0.03)
    fair = bland_altman(truth + rng.standard_normal(40), second)
    assert not fair.slope.is_proportional


def test_films_that_are_all_alike_have_no_slope():
    found = bland_altman(np.array([1.0, -1.0, 2.0]), np.array([-1.0, 1.0, -2.0]))
    assert found.slope is None


def test_two_films_have_no_limits():
    with pytest.raises(ValueError, match="three or more"):
        bland_altman(np.zeros(2), np.ones(2))


# --- Kappa ---------------------------------------------------------------------------------------

SAS = np.array([[0, 4, 1], [0, 8, 0], [0, 1, 5]], float)
"""A table with the printout of SAS, in the tests of statsmodels (BSD)."""
COHEN = 200 * np.array([[0.44, 0.07, 0.09], [0.05, 0.20, 0.05], [0.01, 0.03, 0.06]])
"""Cohen, Psychol Bull 1968;70:213-220, table 1: 200 diagnoses by two judges."""
COHEN_DISAGREEMENT = np.array([[0, 1, 3], [1, 0, 6], [3, 6, 0]])


@pytest.mark.parametrize(
    ("weights", "value", "low", "high"),
    [("unweighted", 0.4842, 0.2137, 0.7547), ("linear", 0.4701, 0.1845, 0.7558)],
)
def test_the_printout_of_sas(weights, value, low, high):
    found = kappa(SAS, weights)
    assert found.value == pytest.approx(value, abs=5e-5)
    assert found.ci95 == pytest.approx((low, high), abs=1e-4)


def test_cohens_own_example():
    assert kappa(COHEN, "unweighted").value == pytest.approx(0.492, abs=5e-4)
    own = kappa(COHEN, 1 - COHEN_DISAGREEMENT / 6)
    assert own.value == pytest.approx(0.348, abs=5e-4)
    assert own.weights == "own"


def test_the_anxiety_ratings_of_irr():
    # Raters 2 and 3 of 20 persons; equal and squared weights as printed by irr's kappa2, which
    # leaves out the word 4 that neither uses.
    raters = np.array(
        [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3,
         3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4,
         2, 1, 4, 4, 3, 2, 1, 6, 1, 1, 1, 2, 3, 3, 1, 1, 3, 3, 2, 2]
    ).reshape(3, 20)  # fmt: skip
    words = [1, 2, 3, 4, 6]
    table = cross_table(raters[1].tolist(), raters[2].tolist(), words)
    assert kappa(table, "unweighted").value == pytest.approx(-0.006289308, abs=1e-6)
    assert kappa(table, "linear").value == pytest.approx(0.1459075, abs=1e-6)
    assert kappa(table, "quadratic").value == pytest.approx(0.2520325, abs=1e-6)


square = arrays(float, (3, 3), elements=st.integers(0, 30).map(float))


@given(square)
def test_the_order_of_the_readers_and_of_the_words_does_not_matter(table):
    assume(len(np.flatnonzero(table.sum(axis=0))) > 1)
    for weights in ("unweighted", "linear", "quadratic"):
        one = kappa(table, weights)
        for other in (table.T, table[::-1, ::-1]):
            two = kappa(other, weights)
            assert (one.value is None) == (two.value is None)
            if one.value is not None:
                assert two.value == pytest.approx(one.value, abs=1e-9)


@given(square)
def test_quadratic_kappa_is_an_agreement_of_scores(table):
    # Fleiss and Cohen 1973: with scores 0, 1, 2 it is 1 minus the mean square difference over the
    # one expected by chance.
    n = table.sum()
    assume(n > 3)
    p = table / n
    scores = np.arange(3.0)
    apart = (scores[:, None] - scores[None, :]) ** 2
    chance = (np.outer(p.sum(axis=1), p.sum(axis=0)) * apart).sum()
    assume(chance > 1e-6)
    assert kappa(table, "quadratic").value == pytest.approx(1 - (p * apart).sum() / chance)


def test_two_words_have_one_kappa():
    table = np.array([[20, 5], [3, 12]], float)
    values = [kappa(table, weights).value for weights in ("unweighted", "linear", "quadratic")]
    assert values == pytest.approx([values[0]] * 3)


def test_where_chance_explains_all_there_is_no_kappa():
    found = kappa(np.diag([12.0, 0, 0]), "linear")
    assert found.value is None
    assert "chance" in found.reason
    assert kappa(np.zeros((3, 3)), "linear").value is None


def test_perfect_agreement_has_no_interval():
    found = kappa(np.diag([5.0, 3, 4]), "quadratic")
    assert found.value == pytest.approx(1)
    assert found.ci95 is None


def test_the_weights_by_their_formulas():
    assert agreement_weights(3, "linear").tolist() == [[1, 0.5, 0], [0.5, 1, 0.5], [0, 0.5, 1]]
    assert agreement_weights(3, "quadratic")[0].tolist() == [1, 0.75, 0]
    assert agreement_weights(3, "unweighted").tolist() == np.eye(3).tolist()


@pytest.mark.slow
def test_the_kappa_interval_covers():
    rng = np.random.default_rng(6)
    p = np.array([[0.3, 0.06, 0.02], [0.05, 0.25, 0.05], [0.01, 0.06, 0.2]])
    truth = kappa(p * 1e9, "linear").value
    draws = [rng.multinomial(150, p.ravel()).reshape(3, 3).astype(float) for _ in range(1500)]
    intervals = [kappa(table, "linear").ci95 for table in draws]
    inside = np.mean([low <= truth <= high for low, high in intervals])
    assert inside == pytest.approx(0.95, abs=0.02)
