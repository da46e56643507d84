-- Who may see which raw values. Policies are part of the installation; what differs by deployment is rows they read, because
-- pg_dump drops what is done to the policies of an extension's tables.

CREATE TABLE scope (
    role text NOT NULL,
    systems text[],
    regions text[],
    granted_by text NOT NULL DEFAULT SESSION_USER,
    granted_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    PRIMARY KEY (role)
);
COMMENT ON TABLE scope IS 'What cleared roles may see: values of records of these systems and regions; NULL stands for all. Set by grant_scope. A value of the golden record has the system and region of the record it was taken from.';
