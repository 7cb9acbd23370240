-- CreateTable
CREATE TABLE "Terminal" (
    "id" TEXT NOT NULL,
    "ownerId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "cluster" TEXT NOT NULL,
    "unixAccount" TEXT NOT NULL,
    "sessionId" TEXT,
    "folder" TEXT,
    "state" TEXT NOT NULL,
    "heldBy" TEXT,
    "holder" TEXT,
    "holderUntil" TIMESTAMPTZ(3),
    "endDetail" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastActivityAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "Terminal_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "TerminalTicket" (
    "hash" TEXT NOT NULL,
    "terminalId" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "via" TEXT NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "TerminalTicket_pkey" PRIMARY KEY ("hash")
);

-- CreateIndex
CREATE INDEX "Terminal_ownerId_state_idx" ON "Terminal"("ownerId", "state");

-- CreateIndex
CREATE INDEX "Terminal_state_lastActivityAt_idx" ON "Terminal"("state", "lastActivityAt");

-- AddForeignKey
ALTER TABLE "Terminal" ADD CONSTRAINT "Terminal_ownerId_fkey" FOREIGN KEY ("ownerId") REFERENCES "User"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "TerminalTicket" ADD CONSTRAINT "TerminalTicket_terminalId_fkey" FOREIGN KEY ("terminalId") REFERENCES "Terminal"("id") ON DELETE CASCADE ON UPDATE CASCADE;
