#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

fn key(byte: u8) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(vec![byte; KEY])
}

pub(super) fn vault(ids: &[u32]) -> Vault {
    Vault::new(ids.iter().map(|id| (*id, key(*id as u8 + 1))).collect()).unwrap()
}

const PLACE: Place = Place { table: "source_pii", row: &[b"7", b"state"] };

#[test]
fn a_value_opens_where_it_was_sealed_and_nowhere_else() {
    let vault = vault(&[0, 1]);
    let sealed = vault.seal([9; NONCE], &PLACE, b"ann@example.com").unwrap();
    assert_eq!(vault.open(&PLACE, &sealed).unwrap().as_slice(), b"ann@example.com");
    assert!(!sealed.windows(3).any(|window| window == b"ann"));
    for row in [&[b"8".as_slice(), b"state"] as &[&[u8]], &[b"7", b"other"], &[b"7s", b"tate"], &[b"7"]] {
        assert_eq!(vault.open(&Place { table: "source_pii", row }, &sealed).unwrap_err().sqlstate, "XX001");
    }
    assert!(vault.open(&Place { table: "golden_pii", ..PLACE }, &sealed).is_err());
}

#[test]
fn a_new_key_seals_and_the_old_one_opens_still() {
    let old = vault(&[0, 1]).seal([9; NONCE], &PLACE, b"old").unwrap();
    let both = vault(&[0, 1, 2]);
    assert_eq!(both.open(&PLACE, &old).unwrap().as_slice(), b"old");
    assert_eq!(sealed_by(&old), Some(1));
    assert_eq!(sealed_by(&both.seal([9; NONCE], &PLACE, b"new").unwrap()), Some(2));
    assert_eq!(vault(&[0, 2]).open(&PLACE, &old).unwrap_err().sqlstate, "XX001");
}

#[test]
fn commitments_differ_by_secret_and_subject() {
    let (a, b) = (vault(&[0, 1]), Vault::new([(0, key(77)), (1, key(2))].into()).unwrap());
    assert_eq!(a.commit("version", b"x"), a.commit("version", b"x"));
    assert_ne!(a.commit("version", b"x"), a.commit("erasure", b"x"));
    assert_ne!(a.commit("version", b"x"), b.commit("version", b"x"));
}

#[test]
fn the_ring_opens_under_the_key_that_wrapped_it() {
    let (old, new) = (MasterKey::new([1; KEY]), MasterKey::new([2; KEY]));
    let wrapped = old.wrap([3; NONCE], 0, &[5; KEY]).unwrap();
    let file = format!("# keys\n\n{}{}", new.to_line().as_str(), old.to_line().to_uppercase());
    let keys = MasterKeys::parse(&file).unwrap();
    assert_eq!(keys.first().unwrap().fingerprint(), new.fingerprint());
    assert_eq!(keys.unwrap(&wrapped).unwrap().as_slice(), [5; KEY]);
    let other = MasterKeys::parse(&new.to_line()).unwrap();
    assert_eq!(other.unwrap(&wrapped).unwrap_err().sqlstate, "55000");
    // One key in the place of another, and a changed one.
    assert_eq!(keys.unwrap(&Wrapped { key_id: 1, ..wrapped.clone() }).unwrap_err().sqlstate, "XX001");
    let mut changed = wrapped.clone();
    changed.wrapped[NONCE] ^= 1;
    assert_eq!(keys.unwrap(&changed).unwrap_err().sqlstate, "XX001");
}

#[test]
fn a_file_that_holds_no_keys_is_refused_without_a_word_of_it() {
    for text in ["", "# nothing", "secret-words", &"g".repeat(64), &"a".repeat(63), &"é".repeat(32)] {
        let error = MasterKeys::parse(text).err().unwrap();
        assert_eq!(error.sqlstate, "55000");
        assert!(text.len() < 3 || !format!("{error:?}").contains(text));
    }
}

proptest! {
    #[test]
    fn no_changed_value_opens(value in prop::collection::vec(any::<u8>(), 0..50), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let vault = vault(&[0, 1, 2]);
        let mut sealed = vault.seal([4; NONCE], &PLACE, &value).unwrap();
        let opened = vault.open(&PLACE, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), value.as_slice());
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(vault.open(&PLACE, &sealed).is_err());
        prop_assert!(vault.open(&PLACE, &sealed[..at]).is_err());
    }
}
