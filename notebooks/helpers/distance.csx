#r "System.Numerics"
using System.Numerics;

/// <summary>Kilometres along the globe between two places, given as degrees east and north.</summary>
double Kilometres(Complex from, Complex to)
{
    static double Radians(double degrees) => degrees * Math.PI / 180;
    var latitude = Radians(to.Imaginary - from.Imaginary) / 2;
    var longitude = Radians(to.Real - from.Real) / 2;
    var chord = Math.Pow(Math.Sin(latitude), 2)
        + Math.Cos(Radians(from.Imaginary)) * Math.Cos(Radians(to.Imaginary)) * Math.Pow(Math.Sin(longitude), 2);
    return 2 * 6371 * Math.Asin(Math.Sqrt(chord));
}
