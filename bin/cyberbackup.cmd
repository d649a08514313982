@echo off
rem Starts CyberBackup on Windows: finds a Node that is new enough, then runs the program with it.
setlocal
set "root=%~dp0.."
set "node=%root%\node_modules\node\bin\node.exe"
if exist "%node%" goto run
set "node=node"
where node >nul 2>nul
if errorlevel 1 goto missing
node -e "const [a,b]=process.versions.node.split('.').map(Number);process.exit(a>22||(a===22&&b>=12)?0:1)"
if errorlevel 1 goto missing

:run
if exist "%root%\dist\cli.js" (
  "%node%" "%root%\dist\cli.js" %*
) else (
  "%node%" "%root%\src\cli\main.ts" %*
)
exit /b %errorlevel%

:missing
echo cyberbackup: Node 22.12 or newer is needed. Run "npm run setup" in %root%, which brings its own. 1>&2
exit /b 1
