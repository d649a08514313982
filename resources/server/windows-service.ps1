# The backup server as a service of Windows, in an elevated PowerShell:
#   .\windows-service.ps1 -Program 'C:\cyberbackup-server' -Data 'D:\backups'
# Windows starts it as a task of the system at boot and again when it fails; it needs no other program to wrap it.
param(
  [Parameter(Mandatory = $true)][string]$Program,
  [Parameter(Mandatory = $true)][string]$Data,
  [string]$Listen = '0.0.0.0:1256',
  [switch]$Remove
)
$ErrorActionPreference = 'Stop'
$name = 'CyberBackup server'
if ($Remove) {
  Unregister-ScheduledTask -TaskName $name -Confirm:$false
  return
}
$start = Join-Path $Program 'bin\cyberbackup.cmd'
if (-not (Test-Path $start)) { throw "There is no $start" }
New-Item -ItemType Directory -Force -Path $Data | Out-Null
# Only the service and administrators get to the data.
icacls $Data /inheritance:r /grant 'NT AUTHORITY\LOCAL SERVICE:(OI)(CI)F' 'BUILTIN\Administrators:(OI)(CI)F' | Out-Null
$arguments = "server --home `"$Data`" --data `"$Data\data`" --listen $Listen --htpasswd-file `"$Data\htpasswd`" --private-repos --tls --json"
$action = New-ScheduledTaskAction -Execute $start -Argument $arguments -WorkingDirectory $Data
$trigger = New-ScheduledTaskTrigger -AtStartup
$settings = New-ScheduledTaskSettingsSet -RestartCount 999 -RestartInterval (New-TimeSpan -Minutes 1) -ExecutionTimeLimit ([TimeSpan]::Zero) -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries
$principal = New-ScheduledTaskPrincipal -UserId 'NT AUTHORITY\LOCAL SERVICE' -LogonType ServiceAccount
Register-ScheduledTask -TaskName $name -Action $action -Trigger $trigger -Settings $settings -Principal $principal -Force | Out-Null
Start-ScheduledTask -TaskName $name
