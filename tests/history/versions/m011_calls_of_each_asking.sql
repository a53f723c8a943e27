BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'oec-bot','m001_runs_and_what_became_of_them','2026-11-22 03:38:09.001326+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'oec-bot','m002_what_people_are_called','2026-11-22 03:38:09.001564+00:00');
INSERT INTO "_sqlite_migrations" VALUES(3,'oec-bot','m003_what_is_not_known_of_a_post','2026-11-22 03:38:09.013879+00:00');
INSERT INTO "_sqlite_migrations" VALUES(4,'oec-bot','m004_what_a_run_without_a_clear_answer_is','2026-11-22 03:38:09.014730+00:00');
INSERT INTO "_sqlite_migrations" VALUES(5,'oec-bot','m005_what_a_million_runs_ask_for','2026-11-22 04:13:38.289684+00:00');
INSERT INTO "_sqlite_migrations" VALUES(6,'oec-bot','m006_what_is_unsettled_and_what_an_environment_was_called','2026-11-22 04:35:23.916097+00:00');
INSERT INTO "_sqlite_migrations" VALUES(7,'oec-bot','m007_approvals_by_several','2026-11-22 06:35:37.352340+00:00');
INSERT INTO "_sqlite_migrations" VALUES(8,'oec-bot','m008_what_an_entry_follows','2026-11-22 06:36:45.264941+00:00');
INSERT INTO "_sqlite_migrations" VALUES(9,'oec-bot','m009_pleas_and_what_why_looks_for','2026-11-22 06:57:11.071111+00:00');
INSERT INTO "_sqlite_migrations" VALUES(10,'oec-bot','m010_pleas_that_count_and_pleas_in_doubt','2026-11-22 09:22:55.511183+00:00');
INSERT INTO "_sqlite_migrations" VALUES(11,'oec-bot','m011_calls_of_each_asking','2026-11-22 09:54:16.943477+00:00');
CREATE TABLE approvals (
    id TEXT PRIMARY KEY,
    run_id INTEGER NOT NULL UNIQUE REFERENCES runs (id),
    requester TEXT NOT NULL,
    approvers TEXT NOT NULL,
    rule_path TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    typed INTEGER NOT NULL,
    requester_may_approve INTEGER NOT NULL,
    state TEXT NOT NULL,
    decided_by TEXT,
    decided_at TEXT,
    reason TEXT
, needed INTEGER NOT NULL DEFAULT 1, consents TEXT NOT NULL DEFAULT '[]', rule_line INTEGER NOT NULL DEFAULT 0, claimed_by TEXT, claimed_at TEXT, remind_at TEXT, reminded_at TEXT, escalate_to TEXT, escalate_at TEXT, escalated_at TEXT, renewed_at TEXT, version INTEGER NOT NULL DEFAULT 1, asking INTEGER NOT NULL DEFAULT 1);
INSERT INTO "approvals" VALUES('approval-done',1,'U0ANA','releasers','approvals[0]','f00d','2026-11-21T12:00:00.000000+00:00','2026-11-21T12:15:00.000000+00:00',0,0,'granted','U0BEN','2026-11-21T12:00:00.000000+00:00',NULL,1,'["U0BEN"]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO "approvals" VALUES('approval-declined',4,'U0ANA','releasers','approvals[0]','f00d','2026-11-21T12:00:00.000000+00:00','2026-11-21T12:15:00.000000+00:00',0,0,'declined','U0BEN','2026-11-21T12:00:00.000000+00:00','not on Fridays',1,'[]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO "approvals" VALUES('approval-expired',5,'U0ANA','releasers','approvals[0]','f00d','2026-11-21T12:00:00.000000+00:00','2026-11-21T12:15:00.000000+00:00',0,0,'expired',NULL,NULL,NULL,1,'[]',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,1,1);
INSERT INTO "approvals" VALUES('approval-waiting',7,'U0ANA','releasers','approvals[0]','f00e','2026-11-21T12:00:00.000000+00:00','2026-11-21T12:15:00.000000+00:00',0,0,'waiting',NULL,NULL,NULL,2,'["U0EVA"]',31,NULL,NULL,'2026-11-21T12:07:30.000000+00:00','2026-11-21T12:00:00.000000+00:00','leads','2026-11-21T12:10:00.000000+00:00','2026-11-21T12:00:00.000000+00:00','2026-11-21T12:00:00.000000+00:00',7,2);
CREATE TABLE asks (button_id TEXT PRIMARY KEY, text TEXT NOT NULL, at TEXT NOT NULL);
INSERT INTO "asks" VALUES('button-kept-0001','deploy prod','2026-11-21T12:00:00.000000+00:00');
CREATE TABLE deliveries (key TEXT PRIMARY KEY, at TEXT NOT NULL);
INSERT INTO "deliveries" VALUES('event:Ev0001','2026-11-21T12:00:00.000000+00:00');
CREATE TABLE entries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER REFERENCES runs (id),
    at TEXT NOT NULL,
    kind TEXT NOT NULL,
    by TEXT,
    facts TEXT NOT NULL
, hash TEXT NOT NULL DEFAULT '');
INSERT INTO "entries" VALUES(1,1,'2026-11-21T12:00:00.000000+00:00','asked','U0ANA','{"by":"U0ANA","text":"deploy prod","rule":"channels.C0DEPLOYS[0]","decision":"allowed"}','a63ef8f9fa9d90e1337f7020d3cb166d09a2dbb89fcc0caf29366fa51124371f');
INSERT INTO "entries" VALUES(2,1,'2026-11-21T12:01:00.000000+00:00','voted','U0BEN','{"by":"U0BEN","outcome":"granted","reason":null,"rule":"approvals[0]"}','8f73b188083cfa1fbc84901c117971b2972a09abe13aaf034c35e9edf5114c1a');
INSERT INTO "entries" VALUES(3,1,'2026-11-21T12:01:00.000000+00:00','sent',NULL,'{"key":"key-done"}','1a028276f376e5e4b6405c91512ed6026675a70b47bcba6bfc18f94e3f04e7f0');
INSERT INTO "entries" VALUES(4,1,'2026-11-21T12:01:00.000000+00:00','started',NULL,'{"task_id":"t-1","is_presumed":false}','36b3a3dc6a8231782d486787196a879507e7eea44213788b1e2f0bb1f375a476');
INSERT INTO "entries" VALUES(5,1,'2026-11-21T12:01:00.000000+00:00','ended',NULL,'{"outcome":"done","error_message":null}','e4b63dbdcf66ffcc73181cc10770c60d7ccf2fd90bdf04dba91917a73d9fcc32');
INSERT INTO "entries" VALUES(6,1,'2026-11-21T12:01:00.000000+00:00','followed','U0BEN','{"by":"U0BEN"}','b5b8763c0b981d65383160b38e0ea0a7d18d40e31c61871ffd189f30520351d3');
INSERT INTO "entries" VALUES(7,1,'2026-11-21T12:01:00.000000+00:00','resumed',NULL,'{"away_seconds":300}','423df80c925fe445322dcde813a8e85d34d79055e8022f70f0bec7fa21e8d746');
INSERT INTO "entries" VALUES(8,1,'2026-11-21T12:01:00.000000+00:00','vote_refused','U0ANA','{"by":"U0ANA","reason":"own_request"}','2c7ce4880035d307c90db6be5ffc83c25298557d6fb23c78bb37963e620ab54d');
INSERT INTO "entries" VALUES(9,2,'2026-11-21T12:00:00.000000+00:00','asked','U0ANA','{"by":"U0ANA","text":"deploy prod","rule":"channels.C0DEPLOYS[0]","decision":"allowed"}','d8ac0180a2325d7489046be7709d386698746e8795784f67d964d139498e8309');
INSERT INTO "entries" VALUES(10,3,'2026-11-21T12:00:00.000000+00:00','asked','U0ANA','{"by":"U0ANA","text":"deploy prod","rule":"channels.C0DEPLOYS[0]","decision":"allowed"}','4e4626ee35ef65206df6a90b4fac7a99510834033c3cc5ed62293a0287e5703e');
INSERT INTO "entries" VALUES(11,3,'2026-11-21T12:00:00.000000+00:00','refused',NULL,'{"code":"task_in_progress","text":"a task is running"}','e7cd7d6b8f98752490295d58c09b777964a2f29dfac7a0ab95aad0e68b8adb9f');
INSERT INTO "entries" VALUES(12,4,'2026-11-21T12:00:00.000000+00:00','asked','U0ANA','{"by":"U0ANA","text":"deploy prod","rule":"channels.C0DEPLOYS[0]","decision":"allowed"}','6133f568136fb75dd86d4500d279fc9c504c71b35bf1386996ae37eccd98bd96');
INSERT INTO "entries" VALUES(13,5,'2026-11-21T12:00:00.000000+00:00','asked','U0ANA','{"by":"U0ANA","text":"deploy prod","rule":"channels.C0DEPLOYS[0]","decision":"allowed"}','a25b20d4c1ee54cdd3766b00c7de86edc355ee139c5d764e0c3c83a780453887');
INSERT INTO "entries" VALUES(14,5,'2026-11-21T12:00:00.000000+00:00','approval_ran_out',NULL,'{}','bed821280f144fb632d18803174533c53bfabdd4c2319a91fb26a6f5982da397');
INSERT INTO "entries" VALUES(15,6,'2026-11-21T12:00:00.000000+00:00','asked','U0ANA','{"by":"U0ANA","text":"deploy prod","rule":"channels.C0DEPLOYS[0]","decision":"allowed"}','2ec8f8c9adcba4ba18e0907b82185ed7e7ec300b6eca77f590bf6a190889f784');
INSERT INTO "entries" VALUES(16,7,'2026-11-21T12:00:00.000000+00:00','asked','U0ANA','{"by":"U0ANA","text":"deploy prod","rule":"channels.C0DEPLOYS[0]","decision":"allowed"}','7ca85852666011dc47c91bd9f44f1daeebeca0d1273e4397724d403fefdd4dcb');
INSERT INTO "entries" VALUES(17,NULL,'2026-11-21T12:00:00.000000+00:00','denied','U0ANA','{"by":"U0ANA","text":"deploy prod","channel_id":"C0SUPPORT","reason":"not_allowed","rule":null}','a3393545c68d86caf45c1028cf58a3d1bbead5f783d49d5b3579515e66a984b7');
INSERT INTO "entries" VALUES(18,1,'2026-11-21T12:02:00.000000+00:00','gave_up','U0BEN','{"by":"U0BEN"}','6c650cfe1eb4319f53532ca6e87414ce1543d4cca3b3f65aa92a6ad8d6d08d95');
INSERT INTO "entries" VALUES(19,7,'2026-11-21T12:00:00.000000+00:00','consented','U0BEN','{"by":"U0BEN","count":1,"needed":2,"rule":"approvals[0]","line":31,"digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd","known_as_of":null}','71e16f629fa70b0fcdb2d64d08ccffa798ac6e354c062e07bd2137f2247a00fd');
INSERT INTO "entries" VALUES(20,7,'2026-11-21T12:00:00.000000+00:00','looked_into','U0EVA','{"by":"U0EVA","begins":true}','aa466ba30379181a5a98ca6f85a1fa0473c3437a899d7bcb5cd3b6310fd3cfae');
INSERT INTO "entries" VALUES(21,7,'2026-11-21T12:00:00.000000+00:00','approvers_reminded',NULL,'{"called":["U0EVA"],"asleep":["U0ANA"]}','63a65ba73eecbd9fdab89cfaeb1b21adc8028855a9a2cec02dd22c0b8074ba91');
INSERT INTO "entries" VALUES(22,7,'2026-11-21T12:00:00.000000+00:00','approval_escalated',NULL,'{"to":"leads","called":["U0EVA"],"asleep":[]}','5481480bed63201bf2ed9c94271568cee93d3e7daf507c06d79b5cbf1c5a4943');
INSERT INTO "entries" VALUES(23,7,'2026-11-21T12:00:00.000000+00:00','approval_renewed',NULL,'{"rule":"approvals[0]","line":31,"digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","votes_lost":["U0BEN"]}','62adf942800c8f72b0b5d70e4a838db8d2b0f8e1480dcf634f75418339dd1180');
INSERT INTO "entries" VALUES(24,7,'2026-11-21T12:00:00.000000+00:00','consented','U0EVA','{"by":"U0EVA","count":1,"needed":2,"rule":"approvals[0]","line":31,"digest":"eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee","known_as_of":null}','379a6ef51c806ef3f93e962ad816e9df39a19444997927f7f9e8a05c3ef673a4');
INSERT INTO "entries" VALUES(25,6,'2026-11-21T12:00:00.000000+00:00','followed','U0CLEO','{"by":"U0CLEO"}','305784864da7ecbd4f05fe690e214022a3431d3b91d3e4636cbe50ad9c9ca77c');
INSERT INTO "entries" VALUES(26,NULL,'2026-11-21T12:00:00.000000+00:00','pleaded','U0BEN','{"by":"U0BEN","text":"deploy prod modules=sale","channel_id":"C0SUPPORT","to":"releasers","rule":"channels.C0DEPLOYS[0]","line":16,"digest":"dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"}','d71b730f6b2cb82bd0268053f268571c0d2d0f2f341feaa77f50c16628e52b4b');
INSERT INTO "entries" VALUES(27,NULL,'2026-11-21T12:00:00.000000+00:00','pleaded','U0BEN','{"by":"U0BEN","text":"deploy prod modules=sale","channel_id":"C0SUPPORT","to":"releasers","rule":"","line":0,"digest":""}','f671afb5d87fa7ec90732334ea7538bd66ab6ad8bd59ac3697f6b87d63c79fb1');
CREATE TABLE environment_names (
    name TEXT NOT NULL,
    environment_id TEXT NOT NULL,
    PRIMARY KEY (name, environment_id)
);
INSERT INTO "environment_names" VALUES('client erp/production','5a296461-9222-40da-91f5-9e912890dc1b');
INSERT INTO "environment_names" VALUES('prod','5a296461-9222-40da-91f5-9e912890dc1b');
INSERT INTO "environment_names" VALUES('production','5a296461-9222-40da-91f5-9e912890dc1b');
INSERT INTO "environment_names" VALUES('staging','0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f');
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
INSERT INTO "meta" VALUES('instance','b3fa3d85aa505b51');
INSERT INTO "meta" VALUES('alive_at','2026-11-21T12:00:00.000000+00:00');
INSERT INTO "meta" VALUES('record','27 f671afb5d87fa7ec90732334ea7538bd66ab6ad8bd59ac3697f6b87d63c79fb1');
CREATE TABLE people (user_id TEXT PRIMARY KEY, name TEXT NOT NULL);
INSERT INTO "people" VALUES('U0ANA','Ana');
INSERT INTO "people" VALUES('U0BEN','Ben');
CREATE TABLE pleas (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    "by" TEXT NOT NULL,
    team_id TEXT NOT NULL,
    change TEXT NOT NULL,
    asked_in TEXT NOT NULL,
    openings TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    state TEXT NOT NULL,
    taken_by TEXT,
    run_id INTEGER,
    version INTEGER NOT NULL,
    channel_id TEXT,
    ts TEXT,
    shown_version INTEGER NOT NULL DEFAULT 0,
    begun_at TEXT
);
INSERT INTO "pleas" VALUES(1,'plea-one','U0BEN','T0ACME','{"action":"deploy","environment":{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"},"mode":null,"modules":["sale"]}','C0SUPPORT','[{"channel_id":"C0DEPLOYS","to":"releasers","rule":{"path":"channels.C0DEPLOYS[0]","line":16},"users":[],"groups":["S0RELEASE"]},{"channel_id":"C0OPS","to":"everyone","rule":{"path":"channels.C0DEPLOYS[0]","line":16},"users":[],"groups":[]}]','2026-11-21T12:00:00.000000+00:00','2026-11-21T13:00:00.000000+00:00','open',NULL,NULL,1,'C0DEPLOYS','1763726499.000001',1,NULL);
INSERT INTO "pleas" VALUES(2,'plea-doubted','U0BEN','T0ACME','{"action":"deploy","environment":{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"},"mode":null,"modules":["sale"]}','C0SUPPORT','[{"channel_id":"C0DEPLOYS","to":"releasers","rule":{"path":"channels.C0DEPLOYS[0]","line":16},"users":[],"groups":["S0RELEASE"]},{"channel_id":"C0OPS","to":"everyone","rule":{"path":"channels.C0DEPLOYS[0]","line":16},"users":[],"groups":[]}]','2026-11-21T12:00:00.000000+00:00','2026-11-21T13:00:00.000000+00:00','open',NULL,NULL,1,'C0DEPLOYS','1.000001',1,'2026-11-21T12:00:00.000000+00:00');
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    handle TEXT NOT NULL UNIQUE,
    request_key TEXT NOT NULL UNIQUE,
    environment_id TEXT NOT NULL,
    alias TEXT NOT NULL,
    environment TEXT NOT NULL,
    action TEXT NOT NULL,
    mode TEXT,
    modules TEXT NOT NULL,
    requester TEXT NOT NULL,
    team_id TEXT NOT NULL,
    channel_id TEXT NOT NULL,
    thread_ts TEXT,
    asked_at TEXT NOT NULL,
    state TEXT NOT NULL,
    rule TEXT NOT NULL,
    version INTEGER NOT NULL,
    adopted INTEGER NOT NULL,
    approvers TEXT,
    decided_by TEXT,
    decline_reason TEXT,
    idempotency_key TEXT UNIQUE,
    submitted_at TEXT,
    task_id TEXT,
    report TEXT,
    reported_at TEXT,
    unanswered_since TEXT,
    away_seconds REAL,
    steps TEXT NOT NULL,
    refusal TEXT,
    log TEXT,
    environment_seen TEXT,
    followers TEXT NOT NULL,
    ended_at TEXT
, is_presumed INTEGER NOT NULL DEFAULT 0, stuck_since TEXT, given_up_by TEXT, approval_version INTEGER NOT NULL DEFAULT 0, is_reminded INTEGER NOT NULL DEFAULT 0, is_escalated INTEGER NOT NULL DEFAULT 0, asking INTEGER NOT NULL DEFAULT 1);
INSERT INTO "runs" VALUES(1,'handle-done','request-done','5a296461-9222-40da-91f5-9e912890dc1b','prod','{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"}','deploy',NULL,'[]','U0ANA','T0ACME','C0DEPLOYS',NULL,'2026-11-21T12:00:00.000000+00:00','done','channels.C0DEPLOYS[0]',7,0,'["U0BEN"]','U0BEN',NULL,'key-done','2026-11-21T12:00:00.000000+00:00','t-1','{"task_id":"t-1","type":"deploy","status":"completed","environment_id":"5a296461-9222-40da-91f5-9e912890dc1b","progress_percent":100,"current_step":"Run migrations","steps_completed":12,"total_steps":12,"started_at":"2026-11-21T12:00:00Z","completed_at":"2026-11-21T12:04:00Z","duration":"PT4M0.5S","error_message":null,"unknown_status":null,"triggered_by":null}','2026-11-21T12:04:00.000000+00:00','2026-11-21T12:00:00.000000+00:00',300.0,'[{"number":1,"name":"Pull code","seen_at":"2026-11-21T12:00:00Z"},{"number":2,"name":"Größe ✓ ''quoted''","seen_at":"2026-11-21T12:00:00Z"}]',NULL,'{"text":"line one\nline <two> & `three`","truncated":false}','{"id":"5a296461-9222-40da-91f5-9e912890dc1b","name":"production","project":"Client ERP","status":"running","url":"https://erp.client.example","branch":"main","last_commit":"a1b2c3d"}','["U0BEN"]','2026-11-21T12:04:00.000000+00:00',1,'2026-11-21T12:00:00.000000+00:00','U0BEN',0,0,0,1);
INSERT INTO "runs" VALUES(2,'handle-failed','request-failed','5a296461-9222-40da-91f5-9e912890dc1b','prod','{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"}','deploy',NULL,'[]','U0ANA','T0ACME','C0DEPLOYS',NULL,'2026-11-21T12:00:00.000000+00:00','failed','channels.C0DEPLOYS[0]',1,0,NULL,NULL,NULL,'key-failed','2026-11-21T12:00:00.000000+00:00','t-2',NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,'[]','2026-11-21T12:01:00.000000+00:00',0,NULL,NULL,0,0,0,1);
INSERT INTO "runs" VALUES(3,'handle-refused','request-refused','5a296461-9222-40da-91f5-9e912890dc1b','prod','{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"}','deploy',NULL,'[]','U0ANA','T0ACME','C0DEPLOYS',NULL,'2026-11-21T12:00:00.000000+00:00','refused','channels.C0DEPLOYS[0]',1,0,NULL,NULL,NULL,'key-refused','2026-11-21T12:00:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,'[]','{"code":"task_in_progress","text":"a task is running","task_id":"t-9"}',NULL,NULL,'[]','2026-11-21T12:00:00.000000+00:00',0,NULL,NULL,0,0,0,1);
INSERT INTO "runs" VALUES(4,'handle-declined','request-declined','5a296461-9222-40da-91f5-9e912890dc1b','prod','{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"}','deploy',NULL,'[]','U0ANA','T0ACME','C0DEPLOYS',NULL,'2026-11-21T12:00:00.000000+00:00','declined','channels.C0DEPLOYS[0]',1,0,NULL,'U0BEN','not on Fridays',NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,'[]','2026-11-21T12:00:00.000000+00:00',0,NULL,NULL,0,0,0,1);
INSERT INTO "runs" VALUES(5,'handle-expired','request-expired','5a296461-9222-40da-91f5-9e912890dc1b','prod','{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"}','deploy',NULL,'[]','U0ANA','T0ACME','C0DEPLOYS',NULL,'2026-11-21T12:00:00.000000+00:00','expired','channels.C0DEPLOYS[0]',1,0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,'[]','2026-11-21T12:00:00.000000+00:00',0,NULL,NULL,0,0,0,1);
INSERT INTO "runs" VALUES(6,'handle-running','request-running','5a296461-9222-40da-91f5-9e912890dc1b','prod','{"id":"5a296461-9222-40da-91f5-9e912890dc1b","alias":"prod","aliases":["production"],"protected":true,"project":"Client ERP","platform_name":"production"}','deploy',NULL,'[]','U0ANA','T0ACME','C0DEPLOYS','1763726400.000100','2026-11-21T12:00:00.000000+00:00','running','channels.C0DEPLOYS[0]',1,0,NULL,NULL,NULL,'key-running','2026-11-21T12:00:00.000000+00:00','t-6',NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,'[]',NULL,0,NULL,NULL,0,0,0,1);
INSERT INTO "runs" VALUES(7,'handle-waiting','request-waiting','0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f','staging','{"id":"0f1c1f6e-6b0a-4f5e-9d1c-2a4f5c6d7e8f","alias":"staging","aliases":[],"protected":false,"project":null,"platform_name":null}','update','update_all','[]','U0ANA','T0ACME','C0DEPLOYS',NULL,'2026-11-21T12:00:00.000000+00:00','waiting','channels.C0DEPLOYS[0]',7,0,'[]',NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,'[]',NULL,NULL,NULL,'[]',NULL,0,NULL,NULL,7,1,1,2);
CREATE TABLE slots (
    run_id INTEGER NOT NULL REFERENCES runs (id),
    kind TEXT NOT NULL,
    channel_id TEXT,
    ts TEXT,
    shown_version INTEGER NOT NULL,
    is_dead INTEGER NOT NULL, begun_at TEXT, last_begun_at TEXT, gone_ts TEXT, dead_until TEXT,
    PRIMARY KEY (run_id, kind)
);
INSERT INTO "slots" VALUES(1,'card','C0DEPLOYS','1763726401.000000',7,0,NULL,NULL,NULL,NULL);
INSERT INTO "slots" VALUES(1,'progress','C0DEPLOYS','1763726401.000001',7,0,NULL,NULL,NULL,NULL);
INSERT INTO "slots" VALUES(1,'end','C0DEPLOYS','1763726401.000002',7,0,NULL,NULL,NULL,NULL);
INSERT INTO "slots" VALUES(6,'card','C0DEPLOYS','1763726406.000000',1,0,NULL,NULL,NULL,NULL);
INSERT INTO "slots" VALUES(7,'card','C0DEPLOYS','1763726407.000000',1,0,NULL,NULL,NULL,NULL);
INSERT INTO "slots" VALUES(4,'card',NULL,NULL,0,1,NULL,NULL,NULL,'let in');
INSERT INTO "slots" VALUES(5,'card',NULL,NULL,0,0,'2026-11-21T12:00:00.000000+00:00','2026-11-21T12:00:00.000000+00:00',NULL,NULL);
CREATE TABLE strays (channel_id TEXT NOT NULL, ts TEXT NOT NULL, PRIMARY KEY (channel_id, ts));
INSERT INTO "strays" VALUES('C0DEPLOYS','1763726403.000009');
CREATE TABLE unsettled (run_id INTEGER PRIMARY KEY REFERENCES runs (id));
INSERT INTO "unsettled" VALUES(2);
INSERT INTO "unsettled" VALUES(3);
INSERT INTO "unsettled" VALUES(5);
INSERT INTO "unsettled" VALUES(7);
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE UNIQUE INDEX runs_busy ON runs (environment_id) WHERE state IN ('accepted', 'submitting', 'running');
CREATE INDEX runs_open ON runs (id) WHERE state IN ('waiting', 'accepted', 'submitting', 'running');
CREATE INDEX runs_by_task ON runs (task_id);
CREATE INDEX runs_by_environment ON runs (environment_id, id);
CREATE INDEX runs_by_end ON runs (ended_at);
CREATE INDEX approvals_waiting ON approvals (asked_at) WHERE state = 'waiting';
CREATE INDEX entries_by_run ON entries (run_id, id);
CREATE TRIGGER entries_are_never_removed BEFORE DELETE ON entries
BEGIN
    SELECT RAISE(ABORT, 'history entries are never removed');
END;
CREATE INDEX slots_in_doubt ON slots (last_begun_at) WHERE begun_at IS NOT NULL;
CREATE INDEX slots_dead ON slots (dead_until) WHERE is_dead = 1;
CREATE VIEW stale_slots AS
    SELECT wanted.run_id, wanted.kind, wanted.ended_at FROM wanted_messages AS wanted
    LEFT JOIN slots ON slots.run_id = wanted.run_id AND slots.kind = wanted.kind
    LEFT JOIN slots AS card ON card.run_id = wanted.run_id AND card.kind = 'card' AND wanted.thread_ts IS NULL
    WHERE (slots.run_id IS NULL OR (slots.is_dead = 0 AND slots.shown_version < wanted.version))
      AND (card.run_id IS NULL OR card.is_dead = 0 OR card.ts IS NOT NULL);
CREATE TRIGGER new_runs_are_unsettled AFTER INSERT ON runs
BEGIN
    INSERT INTO unsettled (run_id) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM unsettled WHERE run_id = new.id);
END;
CREATE TRIGGER changed_runs_are_unsettled AFTER UPDATE OF version ON runs
BEGIN
    INSERT INTO unsettled (run_id) SELECT new.id WHERE NOT EXISTS (SELECT 1 FROM unsettled WHERE run_id = new.id);
END;
CREATE INDEX runs_done ON runs (environment_id, action, mode, id) WHERE state = 'done';
CREATE INDEX runs_done_anywhere ON runs (action, mode, id) WHERE state = 'done';
CREATE INDEX runs_with_an_end ON runs (environment_id, action, id) WHERE task_id IS NOT NULL AND ended_at IS NOT NULL;
CREATE INDEX deliveries_by_time ON deliveries (at);
CREATE INDEX asks_by_time ON asks (at);
CREATE TRIGGER names_of_environments_are_kept AFTER INSERT ON runs
BEGIN
    INSERT OR IGNORE INTO environment_names (name, environment_id)
    SELECT lower(name), new.environment_id FROM (
        SELECT new.alias AS name
        UNION SELECT json_extract(new.environment, '$.project') || '/' || json_extract(new.environment, '$.platform_name')
        UNION SELECT value FROM json_each(new.environment, '$.aliases')
    ) WHERE name IS NOT NULL;
END;
CREATE INDEX entries_of_rules ON entries (id) WHERE kind = 'rules_changed';
CREATE TRIGGER entries_are_never_changed BEFORE UPDATE ON entries
BEGIN
    SELECT RAISE(ABORT, 'history entries are never changed');
END;
CREATE INDEX pleas_open ON pleas (number) WHERE state = 'open';
CREATE INDEX pleas_behind ON pleas (number) WHERE shown_version < version;
CREATE INDEX entries_denied ON entries ("by", id) WHERE kind = 'denied';
CREATE INDEX runs_by_requester ON runs (requester, channel_id, id);
CREATE INDEX pleas_by_time ON pleas (asked_at);
CREATE INDEX pleas_in_doubt ON pleas (number) WHERE begun_at IS NOT NULL;
CREATE VIEW wanted_messages AS
    SELECT id AS run_id, 'card' AS kind, version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    UNION ALL
    SELECT id, 'progress', version, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE task_id IS NOT NULL AND thread_ts IS NULL
    UNION ALL
    SELECT id, 'end', 1, thread_ts, ended_at FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE ended_at IS NOT NULL
    UNION ALL
    SELECT id, 'reminder' || CASE asking WHEN 1 THEN '' ELSE ' ' || asking END, version, thread_ts, ended_at
    FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE is_reminded = 1 AND state = 'waiting'
    UNION ALL
    SELECT id, 'escalation' || CASE asking WHEN 1 THEN '' ELSE ' ' || asking END, version, thread_ts, ended_at
    FROM unsettled CROSS JOIN runs ON id = run_id
    WHERE is_escalated = 1 AND state = 'waiting'
    UNION ALL
    SELECT id, slots.kind, version, thread_ts, ended_at
    FROM unsettled CROSS JOIN runs ON id = unsettled.run_id CROSS JOIN slots ON slots.run_id = id
    WHERE (slots.kind GLOB 'reminder*' OR slots.kind GLOB 'escalation*')
      AND (state <> 'waiting' OR ts IS NOT NULL
        OR slots.kind NOT GLOB '*' || CASE asking WHEN 1 THEN '[a-z]' ELSE ' ' || asking END);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('runs',7);
INSERT INTO "sqlite_sequence" VALUES('entries',27);
INSERT INTO "sqlite_sequence" VALUES('pleas',2);
COMMIT;
