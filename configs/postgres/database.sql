-- Rights in database mcp; applied at the first start and whenever this file changes, so it must stand being repeated.
REVOKE ALL ON DATABASE mcp FROM PUBLIC;
GRANT CONNECT ON DATABASE mcp TO operator;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
