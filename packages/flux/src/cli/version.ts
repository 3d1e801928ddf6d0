/** Version of this software. */
export const version = "0.1.0";

/** The flux-core whose commands and protocols this one equals; what scripts compare. */
export const fluxCoreVersion = "0.88.0";
