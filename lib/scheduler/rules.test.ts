import { describe, expect, it } from "vitest";
import { rejectionSentence, waitSentence } from "./rules";

const inCpu = (reason: string) => waitSentence(reason, { partition: "cpu" });

/** Every reason code of slurm 22.05's job_reason_string that a queued job can have. */
const REASONS = `Priority Resources Dependency DependencyNeverSatisfied BeginTime Licenses JobHeldAdmin JobHeldUser
  JobHoldMaxRequeue PartitionDown PartitionInactive PartitionTimeLimit PartitionNodeLimit PartitionConfig ReqNodeNotAvail
  Reservation ReservationDeleted BadConstraints InvalidAccount AccountNotAllowed InvalidQOS QOSNotAllowed QOSUsageThreshold
  QOSJobLimit QOSResourceLimit QOSTimeLimit AssociationJobLimit AssociationResourceLimit AssociationTimeLimit Prolog Cleaning
  BurstBufferResources BurstBufferStageIn JobArrayTaskLimit NodeDown FrontEndDown DeadLine
  AssocGrpBB AssocGrpBillingMinutes AssocGrpCPUMinutesLimit AssocGrpCPURunMinutesLimit AssocGrpCpuLimit AssocGrpGRES
  AssocGrpGRESMinutes AssocGrpGRESRunMinutes AssocGrpJobsLimit AssocGrpLicense AssocGrpMemLimit AssocGrpMemMinutes
  AssocGrpNodeLimit AssocGrpSubmitJobsLimit AssocGrpUnknown AssocGrpWallLimit AssocMaxBBPerNode AssocMaxCpuMinutesPerJobLimit
  AssocMaxCpuPerJobLimit AssocMaxCpuPerNode AssocMaxGRESPerJob AssocMaxJobsLimit AssocMaxMemPerJob AssocMaxNodePerJobLimit
  AssocMaxSubmitJobLimit AssocMaxWallDurationPerJobLimit MaxBBPerAccount MaxCpuPerAccount MaxGRESPerAccount
  MaxJobsPerAccount MaxMemoryPerAccount MaxNodePerAccount MaxSubmitJobsPerAccount QOSGrpCPUMinutesLimit QOSGrpCpuLimit
  QOSGrpGRES QOSGrpJobsLimit QOSGrpMemLimit QOSGrpMemoryMinutes QOSGrpNodeLimit QOSGrpWallLimit QOSMaxCpuPerJobLimit
  QOSMaxCpuPerUserLimit QOSMaxGRESPerJob QOSMaxGRESPerNode QOSMaxGRESPerUser QOSMaxJobsPerUserLimit QOSMaxMemoryPerUser
  QOSMaxNodePerUserLimit QOSMaxSubmitJobPerUserLimit QOSMaxWallDurationPerJobLimit QOSMinCpuNotSatisfied QOSMinGRES
  QOSMinMemory QOSMinNode`.split(/\s+/);

describe("waitSentence", () => {
  it.each(REASONS)("has words of its own for %s", (reason) => {
    const sentence = inCpu(reason);
    expect(sentence).not.toContain(reason);
    expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(sentence).not.toMatch(/[{}]/);
  });

  it("tells what one job asks for too much of from what is used up", () => {
    expect(inCpu("QOSMaxCpuMinutesPerJobLimit")).toMatch(/cannot start.*ask for less/);
    expect(inCpu("AssocGrpWallLimit")).toMatch(/^The time granted to your account is used up/);
    expect(inCpu("QOSGrpMemoryMinutes")).toMatch(/^The time on memory granted to its QOS is used up/);
  });

  it("names the partition where it is known", () => {
    expect(inCpu("Resources")).toContain("in partition cpu");
    expect(waitSentence("Resources", { partition: null })).not.toContain("partition");
  });

  it("tells limits of a person, a project and a single job apart", () => {
    expect(inCpu("QOSMaxGRESPerUser")).toBe(
      "You have as much (GPUs) as is allowed at one time. It starts when another of these jobs ends.",
    );
    expect(inCpu("AssocGrpCpuLimit")).toMatch(/^Your account has reached the limit that its jobs share \(cores\)/);
    expect(inCpu("QOSMaxWallDurationPerJobLimit")).toMatch(/more \(time\).*cannot start/);
    expect(inCpu("AssocGrpCPUMinutesLimit")).toContain("used up");
  });

  it("names the nodes that are away", () => {
    expect(inCpu("ReqNodeNotAvail, UnavailableNodes:gpu[1-2]")).toContain("gpu[1-2]");
    expect(inCpu("ReqNodeNotAvail, Reserved for maintenance")).toContain("maintenance");
  });

  it.each(["job requeued in held state", "job requeued in special exit state", "launch failed requeued held"])(
    "says of `%s` that it is held",
    (words) => expect(inCpu(words)).toMatch(/is held.*support/),
  );

  it("knows Slurm's long words for nodes that are down or drained", () => {
    const words = "Nodes required for job are DOWN, DRAINED or reserved for jobs in higher priority partitions";
    expect(inCpu(words)).toMatch(/^Waits in partition cpu for nodes that are down, drained or kept/);
  });

  it("quotes a reason that it does not know", () => {
    expect(inCpu("SomethingOfTheFuture")).toContain("SomethingOfTheFuture");
    expect(inCpu("constructor")).toContain("constructor");
  });
});

describe("rejectionSentence", () => {
  it.each([
    [
      "sbatch: error: Batch job submission failed: Invalid account or account/partition combination specified",
      "account",
    ],
    [
      "sbatch: error: invalid partition specified: nope\nsbatch: error: Batch job submission failed: Invalid partition name specified",
      "partition",
    ],
    ["sbatch: error: Batch job submission failed: Invalid qos specification", "QOS"],
    ["sbatch: error: Batch job submission failed: Invalid feature specification", "feature"],
    ["sbatch: error: Batch job submission failed: Requested node configuration is not available", "Ask for less"],
    [
      "sbatch: error: Batch job submission failed: Requested time limit is invalid (missing or exceeds some limit)",
      "time",
    ],
    ["sbatch: error: Batch job submission failed: User's group not permitted to use this partition", "group"],
    [
      "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)",
      "limit",
    ],
    ["sbatch: error: Memory specification can not be satisfied", "memory"],
    ["mkdir: cannot create directory '/home/alice/.berth': Disk quota exceeded", "full"],
    ["Login node login1 refused alice: certificate not trusted, or clocks differ", "log in"],
    ["mkdir: cannot create directory '/home/alice/.berth': Read-only file system", "written to"],
    ["/tmp/x belongs to somebody else, or others may replace what is in it.", "not yours"],
  ])("explains: %s", (words, part) => {
    expect(rejectionSentence(words)).toContain(part);
  });

  it("does not pretend to know other words", () => {
    expect(rejectionSentence("error: colourless green ideas")).toBe("The scheduler did not take the job.");
  });
});
