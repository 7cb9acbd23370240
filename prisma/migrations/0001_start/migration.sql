-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "AppHost" (
    "host" TEXT NOT NULL,
    "sessionId" TEXT,
    "assignedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AppHost_pkey" PRIMARY KEY ("host")
);

-- CreateTable
CREATE TABLE "Event" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actorKind" TEXT NOT NULL,
    "actorId" TEXT,
    "action" TEXT NOT NULL,
    "subjectKind" TEXT NOT NULL,
    "subjectId" TEXT NOT NULL,
    "ownerId" TEXT,
    "data" JSONB,

    CONSTRAINT "Event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Ticket" (
    "hash" TEXT NOT NULL,
    "sessionId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "loginId" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "usedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Ticket_pkey" PRIMARY KEY ("hash")
);

-- CreateTable
CREATE TABLE "ClusterSnapshot" (
    "cluster" TEXT NOT NULL,
    "facts" JSONB,
    "factsAt" TIMESTAMPTZ(3),
    "answeredAt" TIMESTAMPTZ(3),
    "failedSince" TIMESTAMPTZ(3),
    "error" TEXT,
    "probes" JSONB,
    "probesAt" TIMESTAMPTZ(3),

    CONSTRAINT "ClusterSnapshot_pkey" PRIMARY KEY ("cluster")
);

-- CreateTable
CREATE TABLE "Setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "Setting_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "Session" (
    "id" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "idempotencyKey" TEXT NOT NULL,
    "requestHash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "template" TEXT NOT NULL,
    "templateVersion" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "unixAccount" TEXT NOT NULL,
    "request" JSONB NOT NULL,
    "nodes" INTEGER NOT NULL,
    "cpus" INTEGER NOT NULL,
    "memoryGiB" DOUBLE PRECISION NOT NULL,
    "gpus" INTEGER NOT NULL,
    "state" TEXT NOT NULL,
    "endReason" TEXT,
    "endDetail" TEXT,
    "endWords" TEXT,
    "jobId" TEXT,
    "partition" TEXT,
    "account" TEXT,
    "directory" TEXT,
    "scratch" TEXT,
    "node" TEXT,
    "nodeAddress" TEXT,
    "port" INTEGER,
    "secretSealed" TEXT,
    "connectionId" TEXT,
    "submittedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "queuedAt" TIMESTAMPTZ(3),
    "startedAt" TIMESTAMPTZ(3),
    "readyAt" TIMESTAMPTZ(3),
    "endsAt" TIMESTAMPTZ(3),
    "limitAt" TIMESTAMPTZ(3),
    "stopRequestedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3),
    "lastActivityAt" TIMESTAMPTZ(3),
    "native" JSONB,
    "queue" JSONB,
    "logTail" TEXT,
    "looks" INTEGER NOT NULL DEFAULT 0,
    "lastLookAt" TIMESTAMPTZ(3),
    "submitTries" INTEGER NOT NULL DEFAULT 0,
    "absentSince" TIMESTAMPTZ(3),
    "cleanedAt" TIMESTAMPTZ(3),
    "cleanTries" INTEGER NOT NULL DEFAULT 0,
    "nextCleanAt" TIMESTAMPTZ(3),
    "revision" INTEGER NOT NULL DEFAULT 0,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UsageRecord" (
    "sessionId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "partition" TEXT,
    "account" TEXT,
    "cpus" INTEGER NOT NULL,
    "memoryGiB" DOUBLE PRECISION NOT NULL,
    "gpus" INTEGER NOT NULL,
    "startedAt" TIMESTAMPTZ(3),
    "endedAt" TIMESTAMPTZ(3) NOT NULL,
    "seconds" INTEGER NOT NULL,
    "maxMemoryMiB" DOUBLE PRECISION,
    "cpuSeconds" DOUBLE PRECISION,

    CONSTRAINT "UsageRecord_pkey" PRIMARY KEY ("sessionId")
);

-- CreateTable
CREATE TABLE "User" (
    "id" TEXT NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT,
    "claims" JSONB,
    "roles" TEXT[],
    "groups" TEXT[],
    "disabledAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSeenAt" TIMESTAMPTZ(3),

    CONSTRAINT "User_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UnixAccount" (
    "userId" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "uid" INTEGER,
    "holder" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "UnixAccount_pkey" PRIMARY KEY ("userId","cluster")
);

-- CreateTable
CREATE TABLE "Login" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "idTokenSealed" TEXT,
    "userAgent" TEXT,

    CONSTRAINT "Login_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Token" (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "scopes" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Token_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "AppHost_sessionId_key" ON "AppHost"("sessionId");

-- CreateIndex
CREATE INDEX "Event_subjectKind_subjectId_id_idx" ON "Event"("subjectKind", "subjectId", "id");

-- CreateIndex
CREATE INDEX "Event_ownerId_id_idx" ON "Event"("ownerId", "id");

-- CreateIndex
CREATE INDEX "Session_ownerId_submittedAt_idx" ON "Session"("ownerId", "submittedAt");

-- CreateIndex
CREATE INDEX "Session_cluster_state_idx" ON "Session"("cluster", "state");

-- CreateIndex
CREATE UNIQUE INDEX "Session_ownerId_idempotencyKey_key" ON "Session"("ownerId", "idempotencyKey");

-- CreateIndex
CREATE INDEX "UsageRecord_userId_endedAt_idx" ON "UsageRecord"("userId", "endedAt");

-- CreateIndex
CREATE UNIQUE INDEX "User_issuer_subject_key" ON "User"("issuer", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "UnixAccount_holder_key" ON "UnixAccount"("holder");

-- CreateIndex
CREATE INDEX "Login_userId_idx" ON "Login"("userId");

-- CreateIndex
CREATE UNIQUE INDEX "Token_hash_key" ON "Token"("hash");

-- CreateIndex
CREATE INDEX "Token_userId_idx" ON "Token"("userId");

-- AddForeignKey
ALTER TABLE "Session" ADD CONSTRAINT "Session_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "UsageRecord" ADD CONSTRAINT "UsageRecord_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES "Session"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "UnixAccount" ADD CONSTRAINT "UnixAccount_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Login" ADD CONSTRAINT "Login_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Token" ADD CONSTRAINT "Token_userId_fkey" FOREIGN KEY ("userId") REFERENCES "User"("id") ON DELETE CASCADE ON UPDATE CASCADE;
