-- AlterTable
ALTER TABLE "Session" ADD COLUMN     "earlierSeconds" INTEGER NOT NULL DEFAULT 0;
