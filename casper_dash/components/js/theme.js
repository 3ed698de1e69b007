// The reader's theme, kept by Reflex's own provider in localStorage.

import { useTheme } from "$/utils/react-theme";

export function useThemeChoice() {
  const { theme, setTheme } = useTheme();
  return { chosen: theme, choose: setTheme };
}
