-- Whether a component is over its cap, so that only stewards' links count in it. $1 component.
SELECT EXISTS (
    SELECT FROM golden_record.limit_reached AS l WHERE l.component_id = $1 AND l.what = 'component_cap')
