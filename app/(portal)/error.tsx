"use client";
// Inside the frame: the way to every other page stays.
export { Broken as default } from "@/components/frame/broken";
