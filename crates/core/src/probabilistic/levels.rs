//! The levels of agreement of each measure, best first, with the weights they are shipped with.

/// A level of a measure as it is shipped: its name, how often a pair of one person, of one household and of strangers
/// falls into it, and which frequency adjusts it.
pub(crate) struct Level {
    pub(crate) name: &'static str,
    pub(crate) m: f64,
    pub(crate) h: f64,
    pub(crate) u: f64,
    /// Which of the feature's frequencies counts, if one does.
    pub(crate) frequency: Option<usize>,
}

/// Level 0 of every measure: one side says nothing. It weighs nothing.
pub(crate) const MISSING: u8 = 0;

/// The levels of a measure: the number of each, from 1 on, and all in `LEVELS`.
macro_rules! levels {
    ($(#[$doc:meta])* $measure:ident {
        $($level:ident: $name:literal, $m:literal, $h:literal, $u:literal, $frequency:expr;)+
    }) => {
        $(#[$doc])*
        pub(crate) mod $measure {
            use super::Level;

            #[allow(non_camel_case_types, clippy::upper_case_acronyms, dead_code)]
            enum Number { $($level),+ }

            $(
                // Not every level is asked for by its name.
                #[allow(dead_code)]
                pub(crate) const $level: u8 = Number::$level as u8 + 1;
            )+

            pub(crate) const LEVELS: &[Level] = &[
                $(Level { name: $name, m: $m, h: $h, u: $u, frequency: $frequency },)+
            ];
        }
    };
}

levels! {
    /// Of given names.
    given {
        EXACT: "exact", 0.745, 0.012, 0.010, Some(0);
        TYPO: "typo or swapped", 0.09, 0.005, 0.003, Some(0);
        NICKNAME: "nickname or shared part", 0.10, 0.010, 0.007, Some(0);
        INITIAL: "initial", 0.05, 0.020, 0.010, None;
        SIMILAR: "similar", 0.007, 0.025, 0.025, None;
        DIFFERENT: "different", 0.007, 0.464, 0.4725, None;
        TWO_NAMES: "two names", 0.001, 0.464, 0.4725, None;
    }
}

levels! {
    /// Of family names.
    family {
        EXACT: "exact", 0.84, 0.80, 0.0012, Some(0);
        TYPO: "typo or swapped", 0.09, 0.06, 0.0012, Some(0);
        SHARED_PART: "shared part", 0.02, 0.02, 0.0006, Some(1);
        SIMILAR: "similar", 0.004, 0.004, 0.012, None;
        DIFFERENT: "different", 0.046, 0.116, 0.985, None;
    }
}

levels! {
    /// Of senior, junior and the like.
    suffix {
        EQUAL: "equal", 0.40, 0.10, 0.10, None;
        ONE_SIDE: "one side only", 0.598, 0.60, 0.70, None;
        CONTRADICTING: "contradicting", 0.002, 0.30, 0.20, None;
    }
}

levels! {
    /// Of free words of a name.
    epithet {
        MOSTLY: "mostly shared", 0.45, 0.15, 0.01, None;
        SOME: "some shared", 0.25, 0.20, 0.05, None;
        DIFFERENT: "different", 0.30, 0.65, 0.94, None;
    }
}

levels! {
    /// Of emails.
    email {
        EXACT: "exact", 0.62, 0.25, 0.000_004, Some(0);
        OTHER_DOMAIN: "same local part, mistyped domain", 0.03, 0.003, 0.000_001, Some(1);
        TYPO: "one edit apart", 0.03, 0.003, 0.000_003, Some(1);
        SAME_LOCAL: "same local part, not the name", 0.01, 0.002, 0.000_02, Some(1);
        SPELLS_NAME: "same local part, spells the name", 0.03, 0.024, 0.024, None;
        DIFFERENT: "different", 0.28, 0.717, 0.976, None;
    }
}

levels! {
    /// Of phones.
    phone {
        EXACT: "exact", 0.58, 0.50, 0.000_01, Some(0);
        TYPO: "one edit apart", 0.03, 0.025, 0.000_01, Some(0);
        SAME_AREA: "same area", 0.15, 0.15, 0.02, Some(1);
        DIFFERENT: "different", 0.24, 0.325, 0.979_98, None;
    }
}

levels! {
    /// Of dates.
    date {
        EXACT: "exact", 0.88, 0.03, 0.000_1, Some(0);
        TYPO: "one edit or day and month swapped", 0.07, 0.01, 0.001_2, None;
        TWO_PARTS: "two parts equal", 0.025, 0.012, 0.006, None;
        ONE_PART: "year or day and month equal", 0.01, 0.05, 0.025, None;
        DIFFERENT: "different", 0.015, 0.908, 0.967_7, None;
    }
}

levels! {
    /// Of street, city and postcode.
    address {
        EXACT: "same street and place", 0.48, 0.55, 0.000_01, Some(0);
        SAME_STREET: "same street", 0.05, 0.05, 0.000_02, Some(0);
        LIKE_STREET_AND_PLACE: "similar street, same place", 0.10, 0.08, 0.000_02, Some(0);
        LIKE_STREET: "similar street", 0.02, 0.01, 0.000_03, Some(0);
        POSTCODE_ALONE: "same postcode, street missing", 0.03, 0.03, 0.000_3, Some(1);
        POSTCODE: "same postcode, street different", 0.02, 0.02, 0.000_5, Some(1);
        CITY_ALONE: "same city, street missing", 0.03, 0.03, 0.004, Some(2);
        CITY: "same city or area", 0.10, 0.10, 0.016, Some(2);
        DIFFERENT: "different", 0.17, 0.13, 0.979, None;
    }
}

levels! {
    /// Of identifiers.
    identifier {
        EXACT: "exact", 0.93, 0.000_5, 0.000_005, Some(0);
        TYPO: "one edit apart", 0.04, 0.000_5, 0.000_02, None;
        DIFFERENT: "different", 0.03, 0.999, 0.999_97, None;
    }
}

levels! {
    /// Of organizations.
    organization {
        EXACT: "exact", 0.78, 0.40, 0.001, Some(0);
        SIMILAR: "similar", 0.10, 0.05, 0.002, None;
        DIFFERENT: "different", 0.12, 0.55, 0.997, None;
    }
}

levels! {
    /// Of numbers.
    number {
        EXACT: "exact", 0.70, 0.30, 0.06, Some(0);
        NEAR: "near", 0.12, 0.12, 0.08, None;
        TYPO: "one edit apart", 0.03, 0.06, 0.06, None;
        DIFFERENT: "different", 0.15, 0.52, 0.80, None;
    }
}

levels! {
    /// Of other texts.
    text {
        EXACT: "exact", 0.70, 0.45, 0.10, Some(0);
        SIMILAR: "similar", 0.12, 0.08, 0.05, None;
        DIFFERENT: "different", 0.18, 0.47, 0.85, None;
    }
}
