-- Whether a component is over its cap, so that stewards' links alone count in what of it is too large. $1 component.
SELECT EXISTS (
    SELECT FROM golden_record.limit_reached AS l WHERE l.component_id = $1 AND l.what = 'component_cap')
