/** Written into each file, so that no other program's database is taken for an outbox. "Tocs". */
export const applicationId = 0x546f6373;

/** The file format that this version writes. */
export const formatVersion = 7;

/** What a new file gets. Times are milliseconds since 1970; run.now is nanoseconds as text. */
export const schema = `
CREATE TABLE run (
  id   TEXT PRIMARY KEY,
  now  TEXT NOT NULL
) WITHOUT ROWID;

-- What never changes; what does is in short rows of its own, of which many lie on a page.
CREATE TABLE event (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id          TEXT NOT NULL,
  identity        BLOB NOT NULL UNIQUE,
  integration     TEXT NOT NULL,
  endpoint        TEXT NOT NULL,
  order_key       TEXT NOT NULL,
  entity          TEXT NOT NULL,
  message_type    TEXT NOT NULL,
  request         TEXT NOT NULL
);
CREATE TABLE delivery (
  id              INTEGER PRIMARY KEY,
  recorded_at     INTEGER NOT NULL,
  state           TEXT NOT NULL,
  attempts        INTEGER NOT NULL,
  failures        INTEGER NOT NULL,
  since           INTEGER NOT NULL,
  in_doubt        INTEGER NOT NULL,
  last_status     TEXT NOT NULL,
  reason          TEXT NOT NULL,
  detail          TEXT NOT NULL,
  next_attempt_at INTEGER,
  superseded_by   INTEGER,
  owner           TEXT,
  lease_until     INTEGER,
  -- What follows is for finding what may go out next (turns.ts). Of endpoint and order_key: short numbers.
  lane            INTEGER NOT NULL,
  order_hash      INTEGER,
  urgency         INTEGER NOT NULL,
  -- 1: not settled and not held.
  queued          INTEGER,
  -- 1: it may go out; 2: at next_attempt_at; NULL: another one of its order key comes first, it is under
  -- way, or nothing is left to do.
  turn            INTEGER,
  -- The event of its order key that was recorded with it and comes after it.
  next            INTEGER,
  -- 1: it comes after the one that names it as its next, and stands in no queue before that is settled.
  behind          INTEGER,
  -- Whether it went out by the fallback, too (begun, sent, failed), and since when that is so.
  fallback        TEXT,
  fallback_at     INTEGER,
  -- What its history ends with and no line of it says: when its last attempt began, when it was accepted, and how
  -- long the attempt took.
  begun_at        INTEGER,
  accepted_at     INTEGER,
  milliseconds    INTEGER,
  -- As long as what an attempt writes into a row: a row that grows splits its page.
  room            BLOB
);
-- Most events are in one of the other two.
CREATE INDEX delivery_state ON delivery (state) WHERE state NOT IN ('recorded', 'accepted');

-- Written at its end alone; a line's number is in the order of writing. That an event was recorded, the first line
-- of each history, is in delivery; so are the last ones of most.
CREATE TABLE journal (
  number       INTEGER PRIMARY KEY,
  delivery_id  INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  state        TEXT NOT NULL,
  reason       TEXT NOT NULL,
  status       TEXT NOT NULL,
  detail       TEXT NOT NULL,
  milliseconds INTEGER,
  -- What the service said, when it did not accept.
  answer       TEXT
);
CREATE INDEX journal_delivery ON journal (delivery_id);

CREATE TABLE endpoint (
  key   TEXT PRIMARY KEY,
  data  TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE meta (
  key    TEXT PRIMARY KEY,
  value  INTEGER NOT NULL
) WITHOUT ROWID;
-- Of order keys: events after this one wait until then, for a request that may still be on its way.
CREATE TABLE settling (
  order_hash  INTEGER PRIMARY KEY,
  after       INTEGER NOT NULL,
  until       INTEGER NOT NULL
);
CREATE INDEX delivery_queue ON delivery (order_hash, id, urgency)
  WHERE queued = 1 AND behind IS NULL AND order_hash IS NOT NULL;
CREATE INDEX delivery_open ON delivery (lane, urgency <= recorded_at, recorded_at) WHERE queued = 1;
CREATE INDEX delivery_ready ON delivery (lane, urgency) WHERE turn = 1;
CREATE INDEX delivery_later ON delivery (lane, next_attempt_at) WHERE turn = 2;
CREATE INDEX delivery_held ON delivery (order_hash) WHERE state = 'held';
`;

/** What makes a file of each format one of the next. */
export const migrations: Readonly<Record<number, string>> = {
  1: `
CREATE TABLE meta (
  key    TEXT PRIMARY KEY,
  value  INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX delivery_held ON delivery (order_key) WHERE state = 'held';
`,
  // `SqliteTurns` fills the new columns.
  2: `
ALTER TABLE delivery ADD COLUMN lane INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN order_hash INTEGER;
ALTER TABLE delivery ADD COLUMN urgency INTEGER NOT NULL DEFAULT 0;
ALTER TABLE delivery ADD COLUMN queued INTEGER;
ALTER TABLE delivery ADD COLUMN turn INTEGER;
ALTER TABLE journal ADD COLUMN answer TEXT;
ALTER TABLE delivery ADD COLUMN fallback TEXT;
ALTER TABLE delivery ADD COLUMN fallback_at INTEGER;
DROP INDEX delivery_unfinished;
DROP INDEX delivery_sending;
DROP INDEX delivery_held;
CREATE INDEX delivery_queue ON delivery (order_hash, id, urgency)
  WHERE queued = 1 AND order_hash IS NOT NULL;
CREATE INDEX delivery_backlog ON delivery (lane) WHERE queued = 1;
CREATE INDEX delivery_ready ON delivery (lane, urgency, id) WHERE turn = 1;
CREATE INDEX delivery_later ON delivery (lane, next_attempt_at) WHERE turn = 2;
CREATE INDEX delivery_pages ON delivery (recorded_at, fallback, fallback_at)
  WHERE queued = 1 AND urgency <= recorded_at;
CREATE INDEX delivery_sending ON delivery (order_hash) WHERE state = 'sending';
CREATE INDEX delivery_held ON delivery (order_hash) WHERE state = 'held';
UPDATE delivery SET identity = substr(identity, 1, 16);
`,
  3: `
CREATE TABLE settling (
  order_hash  INTEGER PRIMARY KEY,
  after       INTEGER NOT NULL,
  until       INTEGER NOT NULL
);
`,
  4: `
CREATE TABLE event (
  id              INTEGER PRIMARY KEY AUTOINCREMENT,
  run_id          TEXT NOT NULL,
  identity        BLOB NOT NULL UNIQUE,
  integration     TEXT NOT NULL,
  endpoint        TEXT NOT NULL,
  order_key       TEXT NOT NULL,
  entity          TEXT NOT NULL,
  message_type    TEXT NOT NULL,
  request         TEXT NOT NULL
);
INSERT INTO event SELECT id, run_id, identity, integration, endpoint, order_key, entity, message_type,
  request FROM delivery;
INSERT INTO sqlite_sequence SELECT 'event', 0 WHERE NOT EXISTS
  (SELECT 1 FROM sqlite_sequence WHERE name = 'event');
UPDATE sqlite_sequence SET seq = (SELECT max(seq) FROM sqlite_sequence) WHERE name = 'event';
CREATE TABLE short (
  id              INTEGER PRIMARY KEY,
  recorded_at     INTEGER NOT NULL,
  state           TEXT NOT NULL,
  attempts        INTEGER NOT NULL,
  failures        INTEGER NOT NULL,
  since           INTEGER NOT NULL,
  in_doubt        INTEGER NOT NULL,
  last_status     TEXT NOT NULL,
  reason          TEXT NOT NULL,
  detail          TEXT NOT NULL,
  next_attempt_at INTEGER,
  superseded_by   INTEGER,
  owner           TEXT,
  lease_until     INTEGER,
  lane            INTEGER NOT NULL,
  order_hash      INTEGER,
  urgency         INTEGER NOT NULL,
  queued          INTEGER,
  turn            INTEGER,
  fallback        TEXT,
  fallback_at     INTEGER
);
INSERT INTO short SELECT id, recorded_at, state, attempts, failures, since, in_doubt, last_status, reason, detail,
  next_attempt_at, superseded_by, owner, lease_until, lane, order_hash, urgency, queued, turn,
  fallback, fallback_at FROM delivery;
DROP TABLE delivery;
ALTER TABLE short RENAME TO delivery;
CREATE INDEX delivery_state ON delivery (state, id);
CREATE INDEX delivery_queue ON delivery (order_hash, id, urgency)
  WHERE queued = 1 AND order_hash IS NOT NULL;
CREATE INDEX delivery_backlog ON delivery (lane) WHERE queued = 1;
CREATE INDEX delivery_ready ON delivery (lane, urgency, id) WHERE turn = 1;
CREATE INDEX delivery_later ON delivery (lane, next_attempt_at) WHERE turn = 2;
CREATE INDEX delivery_pages ON delivery (recorded_at, fallback, fallback_at)
  WHERE queued = 1 AND urgency <= recorded_at;
CREATE INDEX delivery_held ON delivery (order_hash) WHERE state = 'held';
CREATE TABLE line (
  number       INTEGER PRIMARY KEY,
  delivery_id  INTEGER NOT NULL,
  at           INTEGER NOT NULL,
  attempt      INTEGER NOT NULL,
  state        TEXT NOT NULL,
  reason       TEXT NOT NULL,
  status       TEXT NOT NULL,
  detail       TEXT NOT NULL,
  milliseconds INTEGER,
  answer       TEXT
);
INSERT INTO line (delivery_id, at, attempt, state, reason, status, detail, milliseconds, answer)
  SELECT delivery_id, at, attempt, state, reason, status, detail, milliseconds, answer
  FROM journal ORDER BY delivery_id, number;
DROP TABLE journal;
ALTER TABLE line RENAME TO journal;
CREATE INDEX journal_delivery ON journal (delivery_id);
`,
  5: `
ALTER TABLE delivery ADD COLUMN next INTEGER;
ALTER TABLE delivery ADD COLUMN behind INTEGER;
DROP INDEX delivery_state;
DROP INDEX delivery_queue;
DROP INDEX delivery_backlog;
DROP INDEX delivery_pages;
DROP INDEX delivery_ready;
CREATE INDEX delivery_state ON delivery (state) WHERE state NOT IN ('recorded', 'accepted');
CREATE INDEX delivery_queue ON delivery (order_hash, id, urgency)
  WHERE queued = 1 AND behind IS NULL AND order_hash IS NOT NULL;
CREATE INDEX delivery_open ON delivery (lane, urgency <= recorded_at, recorded_at) WHERE queued = 1;
CREATE INDEX delivery_ready ON delivery (lane, urgency) WHERE turn = 1;
DELETE FROM journal WHERE state = 'recorded' AND reason = 'new';
`,
  6: `
ALTER TABLE delivery ADD COLUMN begun_at INTEGER;
ALTER TABLE delivery ADD COLUMN accepted_at INTEGER;
ALTER TABLE delivery ADD COLUMN milliseconds INTEGER;
ALTER TABLE delivery ADD COLUMN room BLOB;
`,
};
