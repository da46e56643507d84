//! Odds, as base-2 logarithms in thousandths.

use super::measure::Measure;

/// What a comparison says against two of one household, where it says so much against strangers: of two nameless records, a
/// company is no household's.
pub(crate) fn against_household(measure: Measure, unrelated: i32, household: i32, nameless: bool) -> i32 {
    if measure == Measure::Organization && nameless {
        unrelated
    } else {
        household
    }
}

/// log2 of the odds of one person against both alternatives together, from the odds against each:
/// -log2(2^-u + 2^-h), in integers.
pub(crate) fn combine(unrelated: i32, household: i32) -> i32 {
    let (low, high) = (unrelated.min(household), unrelated.max(household));
    low - soft(high.saturating_sub(low))
}

/// 1000 · log2(1 + 2^(-d/1000)), from a table in steps of a quarter of a bit, with straight lines between.
fn soft(distance: i32) -> i32 {
    const TABLE: [i32; 42] = [
        1000, 880, 772, 674, 585, 506, 436, 374, 322, 275, 235, 200, 170, 144, 122, 103, 87, 74, 62, 53, 44, 37, 32,
        27, 22, 19, 16, 13, 11, 9, 8, 7, 6, 5, 4, 3, 3, 2, 2, 2, 1, 0,
    ];
    let at = (distance / 250) as usize;
    match (TABLE.get(at), TABLE.get(at + 1)) {
        (Some(&left), Some(&right)) => left + (right - left) * (distance % 250) / 250,
        _ => 0,
    }
}
