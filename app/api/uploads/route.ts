import { endpoints } from "@/lib/endpoints";
import { answerCreate } from "@/lib/files/answer-upload";
import { listUploads } from "@/lib/files/continue-upload";
import { route } from "@/lib/route";

export const GET = route(endpoints.uploads, ({ actor }) => listUploads(actor));

export const POST = route(endpoints.createUpload, ({ actor, request }) => answerCreate(actor, request));
