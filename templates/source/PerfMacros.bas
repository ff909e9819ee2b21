Attribute VB_Name = "PerfMacros"
Option Explicit
' The buttons: each runs the macro of the same purpose in Python.

Public Sub PerfNewWorkbook()
    PerfRunMacro "new_workbook"
End Sub

Public Sub PerfBegin()
    PerfRunMacro "begin"
End Sub

Public Sub PerfAddSheets()
    PerfRunMacro "add_sheets"
End Sub

Public Sub PerfImport()
    PerfRunMacro "import_folder"
End Sub

Public Sub PerfCheck()
    PerfRunMacro "check"
End Sub

Public Sub PerfRun()
    PerfRunMacro "run"
End Sub

Public Sub PerfCalibrate()
    PerfRunMacro "calibrate"
End Sub

Public Sub PerfAppeals()
    PerfRunMacro "appeals"
End Sub

Public Sub PerfGenerateTasks()
    PerfRunMacro "generate_tasks"
End Sub

Public Sub PerfNewPeriod()
    PerfRunMacro "new_period"
End Sub

Public Sub PerfMonthEnd()
    PerfRunMacro "month_end"
End Sub

Public Sub PerfExplain()
    PerfRunMacro "explain_selection"
End Sub

Public Sub PerfOpenProblem()
    PerfRunMacro "open_problem"
End Sub

Public Sub PerfWhatIf()
    PerfRunMacro "what_if"
End Sub

Public Sub PerfCompare()
    PerfRunMacro "compare"
End Sub

Public Sub PerfForms()
    PerfRunMacro "fill_forms"
End Sub

Public Sub PerfPublish()
    PerfRunMacro "publish"
End Sub

Public Sub PerfCollect()
    PerfRunMacro "collect"
End Sub

Public Sub PerfReminders()
    PerfRunMacro "reminders"
End Sub

Public Sub PerfFreeze()
    PerfRunMacro "freeze_to_values"
End Sub

Public Sub PerfHelp()
    PerfRunMacro "show_help"
End Sub

' The ribbon: the tag of a button is the name of its macro. Of two open workbooks Excel may ask the one that is not in
' front, since both have a procedure of this name.
Public Sub PerfRibbon(control As Object)
    If PerfInFront() Then
        PerfRunMacro control.Tag
    Else
        Application.Run "'" & Replace(ActiveWorkbook.Name, "'", "''") & "'!PerfRunMacro", control.Tag
    End If
End Sub
