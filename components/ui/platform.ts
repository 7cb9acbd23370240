// Which system's keys a person is used to.

type Platform = { userAgentData?: { platform: string }; platform?: string };

/** Of `navigator`: newer browsers say it in one place, the others in the other. */
const nameOf = ({ userAgentData, platform = "" }: Platform): string => userAgentData?.platform ?? platform;

export const isWindows = (navigator: Platform): boolean => /^win/i.test(nameOf(navigator));

/** A Mac, or an iPad or iPhone with a keyboard. */
export const isMac = (navigator: Platform): boolean => /^(mac|ipad|iphone)/i.test(nameOf(navigator));
