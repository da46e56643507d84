-- Whether a component, or a part of it, is over its cap. $1 component.
SELECT EXISTS (
    SELECT FROM golden_record.limit_reached AS l WHERE l.component_id = $1 AND l.what = 'component_cap')
