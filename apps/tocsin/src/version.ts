/** The version of the installed package. */
export const version = "0.1.0";
